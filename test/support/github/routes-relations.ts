import { numberIn } from "./json.ts";
import { needs } from "./needs.ts";
import { inRepository, invalid, notFound, numberParam, ok, page, refuse } from "./replies.ts";
import type { Reply, RepositoryCall, Route } from "./replies.ts";
import { issueOf } from "./routes-issues.ts";
import { issueById, parentOf } from "./state.ts";
import type { Hub, Issue, PlacedIssue } from "./state.ts";
import { blockedBy, issueView, placed } from "./views-issues.ts";

/** GitHub's limits: children of one parent (closed ones count), levels of sub-issues below the top one, and dependencies on a side. */
export const childLimit = 100;
export const levelLimit = 8;
export const dependencyLimit = 50;

/** Sub-issues and dependencies. All bodies name issues by database id, never by number. */
export const relationRoutes: readonly Route[] = [
  inRepository("GET /issues/{issue_number}/sub_issues", needs.readIssues, (call) => {
    const issue = parentIn(call);
    return page(call, placed(call.hub, call.hub.children.get(issue.id) ?? []), (child) =>
      issueView(call.hub, child),
    );
  }),
  inRepository("GET /issues/{issue_number}/parent", needs.readIssues, (call) => {
    const parent = parentOf(call.hub, parentIn(call).id);
    if (parent === null) {
      throw notFound();
    }
    return ok(issueView(call.hub, parent));
  }),
  inRepository("POST /issues/{issue_number}/sub_issues", needs.triageIssues, addChild),
  inRepository("DELETE /issues/{issue_number}/sub_issue", needs.triageIssues, (call) => {
    const issue = parentIn(call);
    const child = numberIn(call.body, "sub_issue_id") ?? 0;
    const children = call.hub.children.get(issue.id) ?? [];
    if (!children.includes(child)) {
      throw refuse(404, "The provided sub-issue does not exist");
    }
    call.hub.children.set(
      issue.id,
      children.filter((id) => id !== child),
    );
    return shown(call);
  }),
  inRepository("PATCH /issues/{issue_number}/sub_issues/priority", needs.triageIssues, moveChild),
  inRepository("GET /issues/{issue_number}/dependencies/blocked_by", needs.readIssues, (call) => {
    const blockers = call.hub.blockers.get(dependentIn(call).id) ?? [];
    return page(call, placed(call.hub, blockers), (issue) => issueView(call.hub, issue));
  }),
  inRepository("GET /issues/{issue_number}/dependencies/blocking", needs.readIssues, (call) => {
    const blocked = blockedBy(call.hub, dependentIn(call).id);
    return page(call, placed(call.hub, blocked), (issue) => issueView(call.hub, issue));
  }),
  inRepository(
    "POST /issues/{issue_number}/dependencies/blocked_by",
    needs.triageIssues,
    addBlocker,
  ),
  inRepository(
    "DELETE /issues/{issue_number}/dependencies/blocked_by/{issue_id}",
    needs.triageIssues,
    (call) => {
      const issue = dependentIn(call);
      const blocker = numberParam(call, "issue_id");
      const blockers = call.hub.blockers.get(issue.id) ?? [];
      if (!blockers.includes(blocker)) {
        throw notFound();
      }
      call.hub.blockers.set(
        issue.id,
        blockers.filter((id) => id !== blocker),
      );
      return shown(call);
    },
  ),
];

/** Why a child cannot stand below a parent; null when it can. */
export function childProblem(
  hub: Hub,
  { parent, child }: { readonly parent: number; readonly child: number },
): string | null {
  const children = hub.children.get(parent) ?? [];
  const prefix = "An error occured while adding the sub-issue to the parent issue.";
  if (children.includes(child)) {
    return `${prefix} Issue may not contain duplicate sub-issues`;
  }
  if (child === parent || ancestorsOf(hub, parent).includes(child)) {
    return `${prefix} Sub issue may not create a circular dependency`;
  }
  if (children.length >= childLimit) {
    return `${prefix} Parent cannot have more than ${String(childLimit)} sub-issues`;
  }
  if (ancestorsOf(hub, parent).length + heightOf(hub, child) > levelLimit) {
    return `${prefix} Sub-issues may not be nested more than ${String(levelLimit)} levels deep`;
  }
  return null;
}

function addChild(call: RepositoryCall): Reply {
  const { hub, body } = call;
  const parent = parentIn(call);
  const child = subIssue(call, "sub_issue_id");
  const old = parentOf(hub, child.issue.id);
  const isMoved = old !== null && old.issue.id !== parent.id;
  if (isMoved && body["replace_parent"] !== true) {
    throw invalid("Issue", "sub_issue_id", "Sub issue may only have one parent");
  }
  const problem = childProblem(hub, { parent: parent.id, child: child.issue.id });
  if (problem !== null) {
    throw invalid("Issue", "sub_issue_id", problem);
  }
  if (isMoved) {
    const siblings = hub.children.get(old.issue.id) ?? [];
    hub.children.set(
      old.issue.id,
      siblings.filter((id) => id !== child.issue.id),
    );
  }
  hub.children.set(parent.id, [...(hub.children.get(parent.id) ?? []), child.issue.id]);
  return { ...shown(call), status: 201 };
}

function moveChild(call: RepositoryCall): Reply {
  const issue = parentIn(call);
  const children = call.hub.children.get(issue.id) ?? [];
  const moved = numberIn(call.body, "sub_issue_id") ?? 0;
  const [after, before] = [numberIn(call.body, "after_id"), numberIn(call.body, "before_id")];
  const target = after ?? before;
  if (!children.includes(moved)) {
    throw refuse(404, "The provided sub-issue does not exist");
  }
  if (target === null || (after !== null && before !== null) || !children.includes(target)) {
    throw refuse(422, "Specify one sub-issue of this parent as either after_id or before_id.");
  }
  const others = children.filter((id) => id !== moved);
  const at = others.indexOf(target) + (after === null ? 0 : 1);
  call.hub.children.set(issue.id, [...others.slice(0, at), moved, ...others.slice(at)]);
  return shown(call);
}

function addBlocker(call: RepositoryCall): Reply {
  const { hub } = call;
  const issue = dependentIn(call);
  const blocker = subIssue(call, "issue_id");
  const blockers = hub.blockers.get(issue.id) ?? [];
  const id = blocker.issue.id;
  if (blockers.includes(id)) {
    throw invalid("Issue", "issue_id", "Target issue is already a dependency of this issue");
  }
  if (id === issue.id || blocksBelow(hub, id).has(issue.id)) {
    throw invalid("Issue", "issue_id", "Dependency would create a cycle");
  }
  if (blockers.length >= dependencyLimit || blockedBy(hub, id).length >= dependencyLimit) {
    throw invalid(
      "Issue",
      "issue_id",
      `An issue cannot have more than ${String(dependencyLimit)} dependencies of a kind`,
    );
  }
  hub.blockers.set(issue.id, [...blockers, id]);
  return { ...shown(call), status: 201 };
}

/** The issue in the path, read anew. */
function shown(call: RepositoryCall): Reply {
  return ok(issueView(call.hub, { repository: call.repository, issue: issueOf(call) }));
}

function parentIn(call: RepositoryCall): Issue {
  if (!call.hub.features.subIssues) {
    throw notFound();
  }
  return plainIssue(call);
}

function dependentIn(call: RepositoryCall): Issue {
  if (!call.hub.features.dependencies) {
    throw notFound();
  }
  return plainIssue(call);
}

/** Pull requests have neither sub-issues nor dependencies. */
function plainIssue(call: RepositoryCall): Issue {
  const issue = issueOf(call);
  if (issue.isPull) {
    throw notFound();
  }
  return issue;
}

/** The issue that a body names by its database id. */
function subIssue(call: RepositoryCall, field: string): PlacedIssue {
  const found = issueById(call.hub, numberIn(call.body, field) ?? 0);
  if (found === null || found.issue.isPull) {
    throw refuse(404, field === "issue_id" ? "Not Found" : "The provided sub-issue does not exist");
  }
  return found;
}

function ancestorsOf(hub: Hub, id: number): readonly number[] {
  const parent = parentOf(hub, id);
  return parent === null ? [] : [parent.issue.id, ...ancestorsOf(hub, parent.issue.id)];
}

/** How many levels stand below an issue, itself counted. */
function heightOf(hub: Hub, id: number): number {
  const children = hub.children.get(id) ?? [];
  return 1 + Math.max(0, ...children.map((child) => heightOf(hub, child)));
}

/** All that must be done before an issue, transitively. */
function blocksBelow(hub: Hub, id: number): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (at: number): void => {
    for (const blocker of hub.blockers.get(at) ?? []) {
      if (!found.has(blocker)) {
        found.add(blocker);
        visit(blocker);
      }
    }
  };
  visit(id);
  return found;
}

import { listIn, namesIn, textIn } from "./json.ts";
import type { Json } from "./json.ts";
import { needs } from "./needs.ts";
import {
  callerOf,
  inRepository,
  invalid,
  nothing,
  notFound,
  numberParam,
  ok,
  page,
  refuse,
} from "./replies.ts";
import type { Need, Reply, RepositoryCall, Route } from "./replies.ts";
import type { IssueComment, Label } from "./state.ts";
import { atLeast, labelView, labelViews, roleOf } from "./views-base.ts";
import { commentView, reactionContents, reactionView } from "./views-issues.ts";
import { checkedBody, issueOf } from "./routes-issues.ts";
import { addComment, addLabel, addReaction, labelsOf, saveIssue } from "./writes.ts";

const labelsPath = "/issues/{issue_number}/labels";

/** Comments of issues and pull requests, labels, and reactions of all sorts. */
export const talkRoutes: readonly Route[] = [
  inRepository("GET /issues/comments", needs.readIssues, (call) =>
    page(call, since(call, [...call.repository.comments.values()]), (comment) =>
      commentView(call.hub, call.repository, comment),
    ),
  ),
  inRepository("GET /issues/{issue_number}/comments", needs.readIssues, (call) => {
    const { number } = issueOf(call);
    const all = [...call.repository.comments.values()];
    const own = all.filter(({ issueNumber }) => issueNumber === number);
    return page(call, since(call, own), (comment) =>
      commentView(call.hub, call.repository, comment),
    );
  }),
  inRepository("POST /issues/{issue_number}/comments", needs.writeIssues, (call) => {
    const { actor, app, kind } = callerOf(call);
    const issue = issueOf(call);
    const mayAlways = kind !== "user" || atLeast(roleOf(call.repository, actor), "write");
    if (issue.isLocked && !mayAlways) {
      throw refuse(403, "Unable to create comment because issue is locked.");
    }
    const comment = addComment(call, {
      issueNumber: issue.number,
      author: actor,
      viaApp: app,
      body: checkedBody("IssueComment", textIn(call.body, "body") ?? "", false),
    });
    return ok(commentView(call.hub, call.repository, comment), 201);
  }),
  inRepository("GET /issues/comments/{comment_id}", needs.readIssues, (call) =>
    ok(commentView(call.hub, call.repository, commentOf(call))),
  ),
  inRepository("PATCH /issues/comments/{comment_id}", needs.writeIssues, (call) => {
    const comment: IssueComment = {
      ...mineOrManaged(call, commentOf(call)),
      body: checkedBody("IssueComment", textIn(call.body, "body") ?? "", false),
      updatedAtMs: call.hub.nowMs(),
    };
    call.repository.comments.set(comment.id, comment);
    return ok(commentView(call.hub, call.repository, comment));
  }),
  inRepository("DELETE /issues/comments/{comment_id}", needs.writeIssues, (call) => {
    call.repository.comments.delete(mineOrManaged(call, commentOf(call)).id);
    return nothing;
  }),
  ...labelRoutes(),
  ...issueLabelRoutes(),
  ...reactionRoutes("/issues/{issue_number}", needs.readIssues, needs.writeIssues, (call) => [
    "issue",
    issueOf(call).id,
  ]),
  ...reactionRoutes(
    "/issues/comments/{comment_id}",
    needs.readIssues,
    needs.writeIssues,
    (call) => ["comment", commentOf(call).id],
  ),
  ...reactionRoutes("/pulls/comments/{comment_id}", needs.readPulls, needs.writePulls, (call) => {
    const id = numberParam(call, "comment_id");
    if (!call.repository.reviewComments.has(id)) {
      throw notFound();
    }
    return ["review-comment", id];
  }),
];

/**
 * A comment that the caller wrote or may manage.
 *
 * @throws {Refusal} 403 for somebody else's.
 */
export function mineOrManaged<Thing extends { readonly author: { readonly id: number } }>(
  call: RepositoryCall,
  thing: Thing,
): Thing {
  const identity = callerOf(call);
  const isManager =
    identity.kind !== "user" || atLeast(roleOf(call.repository, identity.actor), "write");
  if (thing.author.id !== identity.actor.id && !isManager) {
    throw refuse(403, "Must have admin rights to Repository.");
  }
  return thing;
}

function commentOf(call: RepositoryCall): IssueComment {
  const comment = call.repository.comments.get(numberParam(call, "comment_id"));
  if (comment === undefined) {
    throw notFound();
  }
  return comment;
}

function since(
  { query }: RepositoryCall,
  comments: readonly IssueComment[],
): readonly IssueComment[] {
  const from = query.get("since");
  const found = comments.filter(
    ({ updatedAtMs }) => from === null || updatedAtMs >= Date.parse(from),
  );
  const key = query.get("sort") === "updated" ? "updatedAtMs" : "createdAtMs";
  const sign = query.get("direction") === "desc" ? -1 : 1;
  return found.toSorted((a, b) => sign * (a[key] - b[key] || a.id - b.id));
}

function viewOf({ hub, repository }: RepositoryCall, label: Label): Json {
  return labelView(hub, repository, label);
}

function labelRoutes(): readonly Route[] {
  return [
    inRepository("GET /labels", needs.readIssues, (call) =>
      page(call, [...call.repository.labels.values()], (label) => viewOf(call, label)),
    ),
    inRepository("POST /labels", { ...needs.triageIssues, role: "write" }, (call) => {
      const name = textIn(call.body, "name") ?? "";
      if (call.repository.labels.has(name.toLowerCase())) {
        throw invalid("Label", "name", { code: "already_exists" });
      }
      const label = addLabel(call, {
        name: checkedLabel(name),
        color: checkedColor(textIn(call.body, "color") ?? "ededed"),
        description: checkedDescription(textIn(call.body, "description")),
      });
      return ok(viewOf(call, label), 201);
    }),
    inRepository("GET /labels/{name}", needs.readIssues, (call) => ok(viewOf(call, labelOf(call)))),
    inRepository("PATCH /labels/{name}", { ...needs.triageIssues, role: "write" }, (call) => {
      const old = labelOf(call);
      const label: Label = {
        ...old,
        name: checkedLabel(textIn(call.body, "new_name") ?? old.name),
        color: checkedColor(textIn(call.body, "color") ?? old.color),
        description: checkedDescription(textIn(call.body, "description") ?? old.description),
      };
      call.repository.labels.delete(old.name.toLowerCase());
      call.repository.labels.set(label.name.toLowerCase(), label);
      relabel(call, old.name, [label.name]);
      return ok(viewOf(call, label));
    }),
    inRepository("DELETE /labels/{name}", { ...needs.triageIssues, role: "write" }, (call) => {
      const { name } = labelOf(call);
      call.repository.labels.delete(name.toLowerCase());
      relabel(call, name, []);
      return nothing;
    }),
  ];
}

function relabel({ repository }: RepositoryCall, old: string, now: readonly string[]): void {
  for (const issue of repository.issues.values()) {
    const labels = issue.labels.flatMap((name) => (name === old ? now : [name]));
    repository.issues.set(issue.number, { ...issue, labels });
  }
}

function labelOf(call: RepositoryCall): Label {
  const label = call.repository.labels.get((call.params["name"] ?? "").toLowerCase());
  if (label === undefined) {
    throw notFound();
  }
  return label;
}

function checkedLabel(name: string): string {
  if (name.trim() === "" || name.length > 50) {
    throw invalid("Label", "name", "name is too long (maximum is 50 characters)");
  }
  return name;
}

function checkedColor(color: string): string {
  if (!/^[\dA-Fa-f]{6}$/u.test(color)) {
    throw invalid("Label", "color", { code: "invalid" });
  }
  return color;
}

function checkedDescription(description: string | null): string | null {
  if (description !== null && description.length > 100) {
    throw invalid("Label", "description", "description is too long (maximum is 100 characters)");
  }
  return description;
}

function askedLabels(call: RepositoryCall): readonly string[] {
  return labelsOf(call, namesIn(listIn(call.body, "labels"), "name"));
}

/** Keeps the labels of the issue in the path, and shows them. */
function keepLabels(call: RepositoryCall, labels: readonly string[]): Reply {
  const kept = saveIssue(call, { ...issueOf(call), labels });
  return ok(labelViews(call.hub, call.repository, kept.labels));
}

function issueLabelRoutes(): readonly Route[] {
  return [
    inRepository(`GET ${labelsPath}`, needs.readIssues, (call) =>
      page(call, labelViews(call.hub, call.repository, issueOf(call).labels), (label) => label),
    ),
    inRepository(`POST ${labelsPath}`, needs.triageIssues, (call) =>
      keepLabels(call, [...new Set([...issueOf(call).labels, ...askedLabels(call)])]),
    ),
    inRepository(`PUT ${labelsPath}`, needs.triageIssues, (call) =>
      keepLabels(call, askedLabels(call)),
    ),
    inRepository(`DELETE ${labelsPath}`, needs.triageIssues, (call) => {
      keepLabels(call, []);
      return nothing;
    }),
    inRepository(`DELETE ${labelsPath}/{name}`, needs.triageIssues, (call) => {
      const issue = issueOf(call);
      const name = (call.params["name"] ?? "").toLowerCase();
      if (!issue.labels.some((label) => label.toLowerCase() === name)) {
        throw refuse(404, "Label does not exist");
      }
      return keepLabels(
        call,
        issue.labels.filter((label) => label.toLowerCase() !== name),
      );
    }),
  ];
}

type Subject = (call: RepositoryCall) => readonly [string, number];

// oxlint-disable-next-line max-params -- A table of rows reads best flat.
function reactionRoutes(path: string, read: Need, write: Need, subject: Subject): readonly Route[] {
  const on = (call: RepositoryCall): string => subject(call).join(":");
  return [
    inRepository(`GET ${path}/reactions`, read, (call) => {
      const target = on(call);
      const content = call.query.get("content");
      const all = [...call.repository.reactions.values()];
      const found = all.filter(
        (reaction) => reaction.on === target && (content === null || reaction.content === content),
      );
      return page(call, found, (reaction) => reactionView(call.hub, reaction));
    }),
    inRepository(`POST ${path}/reactions`, write, (call) => {
      const content = textIn(call.body, "content") ?? "";
      if (!reactionContents.some((known) => known === content)) {
        throw invalid("Reaction", "content", { code: "invalid" });
      }
      const { actor } = callerOf(call);
      const { reaction, isNew } = addReaction(call, { on: on(call), author: actor, content });
      return ok(reactionView(call.hub, reaction), isNew ? 201 : 200);
    }),
    inRepository(`DELETE ${path}/reactions/{reaction_id}`, write, (call) => {
      const target = on(call);
      const reaction = call.repository.reactions.get(numberParam(call, "reaction_id"));
      if (reaction === undefined || reaction.on !== target) {
        throw notFound();
      }
      call.repository.reactions.delete(mineOrManaged(call, reaction).id);
      return nothing;
    }),
  ];
}

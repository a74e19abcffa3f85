import { listIn, namesIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import {
  callerOf,
  inRepository,
  invalid,
  notFound,
  numberParam,
  ok,
  page,
  refuse,
} from "./replies.ts";
import type { RepositoryCall, Route } from "./replies.ts";
import { accountNamed } from "./state.ts";
import type { Account, Issue } from "./state.ts";
import { atLeast, roleOf } from "./views-base.ts";
import { commentCount, issueView } from "./views-issues.ts";
import { addIssue, labelsOf, saveIssue } from "./writes.ts";

/** GitHub's limits of a title and a text, in characters. */
const titleLimit = 256;
export const bodyLimit = 65_536;

export const issueRoutes: readonly Route[] = [
  inRepository("GET /issues", needs.readIssues, (call) =>
    page(call, filtered(call), (issue) => view(call, issue)),
  ),
  inRepository("POST /issues", needs.writeIssues, createIssue),
  inRepository("GET /issues/{issue_number}", needs.readIssues, (call) =>
    ok(view(call, issueOf(call))),
  ),
  inRepository("PATCH /issues/{issue_number}", needs.writeIssues, updateIssue),
  inRepository("POST /issues/{issue_number}/assignees", needs.triageIssues, (call) => {
    const issue = issueOf(call);
    const added = assigneesIn(call, "assignees").filter(
      ({ id }) => !issue.assignees.some((known) => known.id === id),
    );
    return ok(
      view(call, saveIssue(call, { ...issue, assignees: [...issue.assignees, ...added] })),
      201,
    );
  }),
  inRepository("DELETE /issues/{issue_number}/assignees", needs.triageIssues, (call) => {
    const issue = issueOf(call);
    const names = namesIn(listIn(call.body, "assignees"), "login");
    const gone = new Set(names.map((name) => name.toLowerCase()));
    const assignees = issue.assignees.filter(({ login }) => !gone.has(login.toLowerCase()));
    return ok(view(call, saveIssue(call, { ...issue, assignees })));
  }),
];

/** The issue in the path. */
export function issueOf(call: RepositoryCall): Issue {
  const issue = call.repository.issues.get(numberParam(call, "issue_number"));
  if (issue === undefined) {
    throw notFound();
  }
  return issue;
}

/**
 * Text as GitHub keeps it.
 *
 * @throws {Refusal} 422 when it is empty where it must not be, or too long.
 */
export function checkedBody(resource: string, body: string, mayBeEmpty: boolean): string {
  if (!mayBeEmpty && body.trim() === "") {
    throw invalid(resource, "body", { code: "missing_field" });
  }
  if (body.length > bodyLimit) {
    throw invalid(
      resource,
      "body",
      `body is too long (maximum is ${String(bodyLimit)} characters)`,
    );
  }
  return body;
}

/** Whether the caller may sort issues: labels, assignees, and what others wrote. */
export function maySort(call: RepositoryCall): boolean {
  const identity = callerOf(call);
  return identity.kind === "user"
    ? atLeast(roleOf(call.repository, identity.actor), "triage")
    : true;
}

function view({ hub, repository }: RepositoryCall, issue: Issue): JsonObject {
  return issueView(hub, { repository, issue });
}

function createIssue(call: RepositoryCall): ReturnType<typeof ok> {
  const identity = callerOf(call);
  // GitHub drops these in silence when the caller may not sort issues.
  const isSorter = maySort(call);
  const issue = addIssue(call, {
    title: titleIn(call.body),
    body: checkedBody("Issue", textIn(call.body, "body") ?? "", true),
    author: identity.actor,
    viaApp: identity.app,
    labels: isSorter ? labelsOf(call, namesIn(listIn(call.body, "labels"), "name")) : [],
    assignees: isSorter ? assigneesIn(call, "assignees") : [],
    isPull: false,
  });
  return ok(view(call, issue), 201);
}

function updateIssue(call: RepositoryCall): ReturnType<typeof ok> {
  const issue = issueOf(call);
  const { actor } = callerOf(call);
  if (!maySort(call) && issue.author.id !== actor.id) {
    throw refuse(403, "Must have admin rights to Repository.");
  }
  const { body } = call;
  const changed: Issue = {
    ...issue,
    ...("title" in body ? { title: titleIn(body) } : {}),
    ...("body" in body ? { body: checkedBody("Issue", textIn(body, "body") ?? "", true) } : {}),
    ...("labels" in body && maySort(call)
      ? { labels: labelsOf(call, namesIn(listIn(body, "labels"), "name")) }
      : {}),
    ...("assignees" in body && maySort(call) ? { assignees: assigneesIn(call, "assignees") } : {}),
  };
  return ok(view(call, saveIssue(call, inState(call, changed))));
}

function inState(call: RepositoryCall, issue: Issue): Issue {
  const state = textIn(call.body, "state") ?? issue.state;
  const reason = textIn(call.body, "state_reason");
  if (state === "closed") {
    const closing = reason === "not_planned" || reason === "duplicate" ? reason : "completed";
    return issue.state === "closed" && reason === null
      ? issue
      : {
          ...issue,
          state: "closed",
          stateReason: issue.isPull ? null : closing,
          closedAtMs: issue.closedAtMs ?? call.hub.nowMs(),
          closedBy: callerOf(call).actor,
        };
  }
  return issue.state === "open"
    ? issue
    : {
        ...issue,
        state: "open",
        stateReason: issue.isPull ? null : "reopened",
        closedAtMs: null,
        closedBy: null,
      };
}

function titleIn(body: JsonObject): string {
  const { title } = body;
  const text = typeof title === "number" ? String(title) : textIn(body, "title");
  if (text === null || text.trim() === "") {
    throw invalid("Issue", "title", { code: "missing_field" });
  }
  if (text.length > titleLimit) {
    throw invalid(
      "Issue",
      "title",
      `title is too long (maximum is ${String(titleLimit)} characters)`,
    );
  }
  return text;
}

function assigneesIn(call: RepositoryCall, field: string): readonly Account[] {
  return namesIn(listIn(call.body, field), "login").map((login) => {
    const account = accountNamed(call.hub, login);
    if (account === null || !atLeast(roleOf(call.repository, account), "read")) {
      throw invalid("Issue", field, { code: "invalid", value: login });
    }
    return account;
  });
}

function filtered(call: RepositoryCall): readonly Issue[] {
  const { query, repository } = call;
  const state = query.get("state") ?? "open";
  const labels = (query.get("labels") ?? "").split(",").filter((name) => name !== "");
  const since = query.get("since");
  const found = [...repository.issues.values()].filter(
    (issue) =>
      (state === "all" || issue.state === state) &&
      labels.every((name) =>
        issue.labels.some((label) => label.toLowerCase() === name.trim().toLowerCase()),
      ) &&
      isBy(issue, query) &&
      (since === null || issue.updatedAtMs >= Date.parse(since)),
  );
  return sorted(call, found);
}

function isBy(issue: Issue, query: URLSearchParams): boolean {
  const [creator, assignee, mentioned] = ["creator", "assignee", "mentioned"].map((name) =>
    query.get(name)?.toLowerCase(),
  );
  const logins = issue.assignees.map(({ login }) => login.toLowerCase());
  const isAssigned =
    assignee === undefined ||
    (assignee === "*" && logins.length > 0) ||
    (assignee === "none" && logins.length === 0) ||
    logins.includes(assignee);
  return (
    isAssigned &&
    (creator === undefined || issue.author.login.toLowerCase() === creator) &&
    (mentioned === undefined || (issue.body ?? "").toLowerCase().includes(`@${mentioned}`)) &&
    query.get("milestone") !== "*"
  );
}

function sorted(call: RepositoryCall, issues: readonly Issue[]): readonly Issue[] {
  const sort = call.query.get("sort") ?? "created";
  const sign = call.query.get("direction") === "asc" ? 1 : -1;
  const key = (issue: Issue): number =>
    sort === "updated"
      ? issue.updatedAtMs
      : sort === "comments"
        ? commentCount(call.repository, issue.number)
        : issue.createdAtMs;
  return issues.toSorted((a, b) => sign * (key(a) - key(b) || a.number - b.number));
}

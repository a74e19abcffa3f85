import { ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { isPullRequest } from "./issue-shapes.ts";
import { needObject, needTimeMs, needText } from "./shapes.ts";
import type { Wire } from "./wire.ts";

/** Something that happened, as the host would have told of it. */
export interface MissedEvent {
  /** As `pull_request`. */
  readonly event: string;
  readonly payload: LooseObject;
}

const repo = "/repos/{owner}/{repo}";

/**
 * Tells of a repository what its deliveries would have told: open pull requests with their present heads, issues opened since a time, and comments
 * made since then. Four requests, and one more for each conversation with a new comment.
 */
export async function readChanges(wire: Wire, sinceMs: number): Promise<readonly MissedEvent[]> {
  const repository = needObject(await wire.read(`GET ${repo}`), "the repository");
  const since = new Date(sinceMs).toISOString();
  const pulls = await wire.list(
    `GET ${repo}/pulls`,
    { state: "open", sort: "updated", direction: "desc" },
    () => true,
  );
  const issues = await wire.list(`GET ${repo}/issues`, { state: "open", since });
  const comments = await wire.list(`GET ${repo}/issues/comments`, { since });
  const opened = issues.filter((issue) => !isPullRequest(issue) && isNew(issue, sinceMs));
  return [
    ...pulls.map((pull) =>
      eventOf("pull_request", { action: "synchronize", pull_request: pull }, pull),
    ),
    ...opened.map((issue) => eventOf("issues", { action: "opened", issue }, issue)),
    ...(await commentEvents(
      wire,
      comments.filter((comment) => isNew(comment, sinceMs)),
    )),
  ].map(({ event, payload }) => ({ event, payload: { ...payload, repository } }));
}

/** The lists go by the last change. */
function isNew(thing: LooseObject, sinceMs: number): boolean {
  return needTimeMs(thing, "created_at") >= sinceMs;
}

function eventOf(event: string, payload: LooseObject, doneBy: LooseObject): MissedEvent {
  return { event, payload: { ...payload, sender: ownValue(doneBy, "user") } };
}

async function commentEvents(
  wire: Wire,
  comments: readonly LooseObject[],
): Promise<readonly MissedEvent[]> {
  const issues = new Map<string, unknown>();
  const events: MissedEvent[] = [];
  for (const comment of comments) {
    const number = /\/issues\/(?<number>\d+)$/u.exec(needText(comment, "issue_url"))?.groups?.[
      "number"
    ];
    if (number === undefined || ownText(comment, "body") === null) {
      continue;
    }
    if (!issues.has(number)) {
      issues.set(
        number,
        await wire.find(`GET ${repo}/issues/{issue_number}`, { issue_number: number }),
      );
    }
    const issue = issues.get(number);
    if (issue !== null) {
      events.push(eventOf("issue_comment", { action: "created", issue, comment }, comment));
    }
  }
  return events;
}

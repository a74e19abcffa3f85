import { isAtLeast, unsupported } from "../../hosting/index.ts";
import type { CodeHost, Issue, User } from "../../hosting/index.ts";
import { childLabel } from "../child.ts";
import type { ChildState, PlanState } from "../state.ts";
import { needsCloser } from "./decide.ts";
import type { IssueSide } from "./decide.ts";

/** What an event of the host told of one child, beyond what its issue says. */
export interface ChildHint {
  readonly number: number;
  readonly action: "closed" | "reopened";
  readonly sender: User;
}

/** One child as it was found. */
export interface SeenChild {
  readonly child: ChildState;
  /** Null: it was deleted or moved away. */
  readonly issue: Issue | null;
  readonly side: IssueSide | null;
  /** The account that closed it; null: it is open, or nobody knows. */
  readonly closer: User | null;
}

export interface Looking {
  readonly host: CodeHost;
  readonly self: User;
  readonly hint: ChildHint | null;
}

/** Looks at all children of an issue: one call, and more only for those that are elsewhere or were closed since. */
export async function lookAt(
  looking: Looking,
  parent: number,
  state: PlanState,
): Promise<readonly SeenChild[]> {
  const issues = await childIssues(looking.host, parent, state);
  const mayWrite = rightsOf(looking);
  const seen: SeenChild[] = [];
  for (const child of state.children) {
    const issue = issues.get(child.number) ?? (await looking.host.issues.get(child.number));
    seen.push(await see(looking, { child, issue, mayWrite }));
  }
  return seen;
}

async function childIssues(
  host: CodeHost,
  parent: number,
  { links }: PlanState,
): Promise<ReadonlyMap<number, Issue>> {
  const below = links === "native" ? await host.issues.children(parent) : unsupported;
  const issues =
    below === unsupported
      ? await host.issues.list({ state: "all", labels: [childLabel], limit: 300 })
      : below;
  return new Map(issues.map((issue) => [issue.number, issue]));
}

/** Asked once for each account and sync, never kept longer. */
function rightsOf({ host, self }: Looking): (user: User) => Promise<boolean> {
  const known = new Map<number, boolean>([[self.id, true]]);
  return async (user) => {
    const before = known.get(user.id);
    if (before !== undefined) {
      return before;
    }
    const isWriter =
      user.kind === "person" && isAtLeast(await host.permissionOf(user.login), "write");
    known.set(user.id, isWriter);
    return isWriter;
  };
}

interface Seeing {
  readonly child: ChildState;
  readonly issue: Issue | null;
  readonly mayWrite: (user: User) => Promise<boolean>;
}

async function see(looking: Looking, { child, issue, mayWrite }: Seeing): Promise<SeenChild> {
  if (issue === null) {
    return { child, issue, side: null, closer: null };
  }
  const { isOpen, closedAs } = issue;
  const hint = looking.hint?.number === child.number ? looking.hint : null;
  const isReopened = isOpen && hint?.action === "reopened";
  if (!needsCloser(child, issue)) {
    return { child, issue, side: { isOpen, closedAs, closer: null, isReopened }, closer: null };
  }
  const closer = await closerOf(looking.host, issue, hint);
  const counts = closer !== null && (await mayWrite(closer));
  const side = { isOpen, closedAs, closer: counts ? "writer" : "other", isReopened } as const;
  return { child, issue, side, closer };
}

/** As the issue says it, else the event, else the issue asked for by itself: lists may leave it out. */
async function closerOf(
  host: CodeHost,
  { closedBy, number }: Issue,
  hint: ChildHint | null,
): Promise<User | null> {
  if (closedBy !== null) {
    return closedBy;
  }
  if (hint?.action === "closed") {
    return hint.sender;
  }
  return (await host.issues.get(number))?.closedBy ?? null;
}

import { SkeinError } from "../base/errors.ts";
import {
  fitsMarker,
  isMarked,
  readMarker,
  referenceOf,
  withoutMarkers,
  writeMarker,
} from "../hosting/index.ts";
import type { CodeHost, IssueComment, MarkerOptions, Sign, User } from "../hosting/index.ts";
import type { KeptDraft } from "../planner/index.ts";
import { withoutComments } from "./child.ts";
import { childrenOf } from "./children-plan.ts";
import type { ChildrenPlan } from "./children-plan.ts";
import { decompositionErrors } from "./errors.ts";
import { fullPulls } from "./money.ts";
import { fullRuns } from "./runs.ts";
import { readState, stateJson } from "./state.ts";
import type { PlanState } from "./state.ts";

/** Where the state of an issue's plan is kept. */
export interface KeepingDeps {
  readonly host: CodeHost;
  /** Signs what is kept in comments; null: our account's word is enough. */
  readonly sign: Sign | null;
  /** Finds a draft that was too large for a comment; null where no database outlives the run. */
  readonly findDraft: ((hash: string) => Promise<KeptDraft>) | null;
}

/** What Skein's comment under an issue holds. */
export interface Kept {
  readonly self: User;
  /** Null: there is no comment of ours yet. */
  readonly comment: IssueComment | null;
  readonly state: PlanState | null;
}

/** Reads the state from the comments of an issue: two calls. @throws {SkeinError} SKN-4661 when our own comment's state is broken. */
export async function readKept(deps: KeepingDeps, issue: number): Promise<Kept> {
  const self = await deps.host.self();
  const comments = await deps.host.issues.comments(issue);
  const reading = readMarker(comments, self, optionsOf(deps, issue));
  if (reading.kind !== "state" && !isOwn(comments, self)) {
    return { self, comment: null, state: null };
  }
  const state = reading.kind === "state" ? readState(reading.state) : null;
  if (reading.kind !== "state" || state === null) {
    throw new SkeinError(decompositionErrors.brokenState, { facts: { issue } });
  }
  return { self, comment: reading.comment, state };
}

/** True when our own account wrote a marker, whole or not: then it was signed with another key, edited or cut. */
function isOwn(comments: readonly IssueComment[], self: User): boolean {
  return comments.some(({ author, body }) => author.id === self.id && isMarked(body, "plan"));
}

/**
 * Makes the state small enough: a plan that does not fit stays with the planner, where a database keeps it.
 *
 * @throws {SkeinError} SKN-1661 where there is none.
 */
export function fitted(deps: KeepingDeps, issue: number, state: PlanState): PlanState {
  const options = optionsOf(deps, issue);
  if (fitsMarker(stateJson(withRoom(state)), options)) {
    return state;
  }
  if (deps.findDraft === null) {
    throw new SkeinError(decompositionErrors.tooLarge, { facts: { issue } });
  }
  return { ...state, plan: null };
}

/** The state as it grows while children are made and done: what is approved must fit to its end. */
function withRoom(state: PlanState): PlanState {
  const children = (state.plan?.children ?? []).map(({ key }, at) => ({
    key,
    number: 1_000_000_000 + at,
    id: 90_071_992_547_409 + at * 7_919,
    round: 10 + at,
    settled: "completed" as const,
    closer: 1_000_000_000 + at * 7_907,
    isLinked: true,
    work: "submitted" as const,
    spentMicroUsd: 1_234_567_890 + at * 104_729,
    commit: (state.hash + state.source).slice(at * 7, at * 7 + 40),
  }));
  return {
    ...state,
    ...fullPulls,
    openRuns: fullRuns,
    approvedBy: state.source.slice(0, 39),
    children,
  };
}

/** The whole comment: what people see, and below it the state, which is the only hidden line. */
export function withState(
  deps: KeepingDeps,
  issue: number,
  { text, state }: { readonly text: string; readonly state: PlanState },
): string {
  return `${withoutComments(text)}\n\n${writeMarker(stateJson(state), optionsOf(deps, issue))}`;
}

/** What people see of the comment, to be written again with another state. */
export function shownText({ body }: IssueComment): string {
  return withoutMarkers(body.replaceAll("\r\n", "\n")).trimEnd();
}

/** Writes the comment: the one that is there, or a new one; no call where nothing changes. True when it wrote. */
export async function writeKept(
  { host }: KeepingDeps,
  {
    issue,
    comment,
    body,
  }: {
    readonly issue: number;
    readonly comment: IssueComment | null;
    readonly body: string;
  },
): Promise<boolean> {
  if (comment === null) {
    await host.issues.comment(issue, body);
    return true;
  }
  if (comment.body.replaceAll("\r\n", "\n").trimEnd() === body) {
    return false;
  }
  await host.issues.editComment(comment.id, body);
  return true;
}

/** The plan of a state, from the comment or from the planner. @throws {SkeinError} SKN-5662. */
export async function planOf(deps: KeepingDeps, state: PlanState): Promise<ChildrenPlan> {
  if (state.plan !== null) {
    return state.plan;
  }
  const { draft, estimatedMicroUsd } = state;
  try {
    const kept = deps.findDraft === null ? null : await deps.findDraft(draft);
    if (kept !== null) {
      return childrenOf(kept.plan, estimatedMicroUsd);
    }
  } catch (cause) {
    if (!(cause instanceof SkeinError) || cause.kind !== "missing") {
      throw cause;
    }
  }
  throw new SkeinError(decompositionErrors.noPlan, { facts: { draft: draft.slice(0, 16) } });
}

function optionsOf({ host, sign }: KeepingDeps, issue: number): MarkerOptions {
  return { kind: "plan", subject: referenceOf(host.name, issue), sign };
}

import { SkeinError } from "../base/errors.ts";
import { isMarked, readMarker, referenceOf } from "../hosting/index.ts";
import type {
  CheckRun,
  IssueComment,
  MarkerOptions,
  Permission,
  PullRequest,
  User,
} from "../hosting/index.ts";
import { shortPrint } from "./comments.ts";
import { decideReview } from "./decide.ts";
import type { Decision, Trigger } from "./decide.ts";
import type { PullReviewsDeps } from "./deps.ts";
import { pullReviewErrors } from "./errors.ts";
import { besides, freshState, parseState, spentOf } from "./state.ts";
import type { PullState } from "./state.ts";
import { judgesOf, ownThreads, toldBy } from "./threads.ts";
import type { OwnThread, Told } from "./threads.ts";

/** All that is known of a pull request before its review: plain data. */
export interface CollectedPull {
  readonly pull: PullRequest;
  readonly self: User;
  readonly decision: Decision;
  readonly state: PullState;
  /** Our comment that holds the state; null: there is none yet. */
  readonly comment: IssueComment | null;
  readonly threads: readonly OwnThread[];
  readonly told: readonly Told[];
  /** True: our comment holds a state that cannot be believed, and `state` is a fresh one. */
  readonly isTampered: boolean;
  /** The run that was set aside for it, and its check, where this process has made it; null: none was. */
  readonly run: { readonly id: string; readonly check: CheckRun | null } | null;
}

/** So many accounts are looked up at most to learn whether their word counts. */
const mostJudges = 10;

/** Why a pull request is looked at, and the run that an earlier job began for it. */
export interface Collecting {
  readonly trigger: Trigger;
  /** Null: none was. */
  readonly run: string | null;
}

/**
 * Reads a pull request, what Skein kept there, and what people did with its findings, and decides whether it is reviewed. Writes nothing.
 *
 * @throws {SkeinError} SKN-5671, and as `CodeHost`.
 */
export async function collectPull(
  deps: PullReviewsDeps,
  number: number,
  { trigger, run: named }: Collecting,
): Promise<CollectedPull> {
  const { host, policy } = deps;
  const pull = await host.pulls.get(number);
  if (pull === null) {
    throw new SkeinError(pullReviewErrors.noPull, { facts: { number } });
  }
  // Also where our comment is gone or was never written: what stands in a thread is not said again.
  const allThreads = await host.pulls.threads(number);
  const self = await host.self();
  const kept = readState(await host.issues.comments(number), self, markerOptions(deps, number));
  const threads = ownThreads(allThreads, self, markerOptions(deps, number));
  const told = toldBy(threads, await permissionsOf(deps, threads, self));
  const state = withTold(kept.state, told);
  const run = runOf({ pull, state }, named);
  const before = besides(state, run?.id ?? null);
  const isTampered = kept.isTampered && !("ask" in trigger && trigger.ask.isFull);
  return {
    pull,
    self,
    decision: isTampered
      ? tampered
      : await unlessRefused(deps, decideReview({ pull, state: before, trigger, policy }), {
          pull,
          state: before,
        }),
    state,
    comment: kept.comment,
    threads,
    told,
    isTampered: kept.isTampered,
    run,
  };
}

/** A run that is open, of this head, and no other: whoever hands a name over could else settle what is not theirs. */
function runOf(
  { pull, state }: Pick<CollectedPull, "pull" | "state">,
  named: string | null,
): CollectedPull["run"] {
  const open = state.open_runs.find(({ id, head }) => id === named && head === pull.head.sha);
  return open === undefined ? null : { id: open.id, check: null };
}

async function unlessRefused(
  { refuse }: PullReviewsDeps,
  decision: Decision,
  { pull, state }: Pick<CollectedPull, "pull" | "state">,
): Promise<Decision> {
  const why =
    decision.kind === "skip" || refuse === null ? null : await refuse(pull, spentOf(state));
  return why === null ? decision : { kind: "skip", why, stops: "thinking" };
}

export function markerOptions({ host, sign }: PullReviewsDeps, number: number): MarkerOptions {
  return { kind: "review", subject: referenceOf(host.name, number), sign };
}

/**
 * The state as it is now, which others may have changed while models were asked: a pause, or a run of another event. Where it cannot be
 * believed any more, the one that was collected.
 */
export async function stateNow(
  deps: PullReviewsDeps,
  { pull, self, state, told }: CollectedPull,
): Promise<PullState> {
  const comments = await deps.host.issues.comments(pull.number);
  const kept = readState(comments, self, markerOptions(deps, pull.number));
  return kept.comment === null || kept.isTampered ? state : withTold(kept.state, told);
}

const tampered: Decision = {
  kind: "skip",
  stops: "all",
  why: "What Skein kept in its comment here was changed by somebody: `/skein full review` begins anew.",
};

interface KeptState {
  readonly state: PullState;
  readonly comment: IssueComment | null;
  /** True when there is a state that cannot be believed. */
  readonly isTampered: boolean;
}

function readState(
  comments: readonly IssueComment[],
  self: User,
  options: MarkerOptions,
): KeptState {
  const reading = readMarker(comments, self, options);
  if (reading.kind === "state") {
    const state = parseState(reading.state);
    return { state: state ?? freshState, comment: reading.comment, isTampered: state === null };
  }
  // A stranger's copy of a marker is nothing; only our own comment can have been tampered with.
  const own = comments.find(
    ({ author, body }) => author.id === self.id && isMarked(body, options.kind),
  );
  return { state: freshState, comment: own ?? null, isTampered: own !== undefined };
}

async function permissionsOf(
  { host }: PullReviewsDeps,
  threads: readonly OwnThread[],
  self: User,
): Promise<(user: User) => Permission> {
  const known = new Map<number, Permission>();
  for (const { id, login } of judgesOf(threads, self).slice(0, mostJudges)) {
    known.set(id, await host.permissionOf(login));
  }
  return ({ id }) => known.get(id) ?? "none";
}

/** What people declined is declined from now on. */
function withTold(state: PullState, told: readonly Told[]): PullState {
  const declined = new Set(
    told.filter(({ outcome }) => outcome === "dismissed").map(({ print }) => print),
  );
  return {
    ...state,
    findings: state.findings.map((finding) =>
      declined.has(shortPrint(finding.fingerprint)) ? { ...finding, state: "declined" } : finding,
    ),
  };
}

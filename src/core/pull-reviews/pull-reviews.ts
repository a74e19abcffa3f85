import { SkeinError } from "../base/errors.ts";
import { randomToken } from "../base/ids.ts";
import type { MicroUsd } from "../base/ids.ts";
import { collectPull } from "./collecting.ts";
import { giveUp, withCheck } from "./giving-up.ts";
import type { CollectedPull } from "./collecting.ts";
import type { Trigger } from "./decide.ts";
import { reviewCheck } from "./deps.ts";
import type { PullReviewsDeps } from "./deps.ts";
import type { ReviewPolicy } from "./policy.ts";
import { parsePublication } from "./publication.ts";
import type { Publication } from "./publication.ts";
import { pause } from "./pausing.ts";
import { keepState, publishReview } from "./publishing.ts";
import type { PublishOutcome } from "./publishing.ts";
import { skip } from "./skipping.ts";
import { spentOf, wasPublished, withRun } from "./state.ts";
import { think } from "./thinking.ts";
import type { Thought } from "./thinking.ts";
import { threadsToResolve } from "./threads.ts";

/** Reviews pull requests and says on the code host what came of it. */
export interface PullReviews {
  /** Reads all, decides, and writes nothing. `run` names one of this head for which the money was set aside: it is what this is about. @throws {SkeinError} SKN-5671, and as `CodeHost`. */
  collect(number: number, trigger: Trigger, run?: string | null): Promise<CollectedPull>;
  /** Sets the money of a run aside, where later runs see it. Only for what is to be reviewed. */
  reserve(collected: CollectedPull): Promise<CollectedPull>;
  /** Asks the models and writes nothing on the code host. Only for what is to be reviewed. */
  think(collected: CollectedPull, signal: AbortSignal): Promise<Thought>;
  /**
   * Publishes what another process thought. `handover` names what it handed over: said again it changes nothing. Null: nobody says it again.
   *
   * @throws {SkeinError} SKN-1671, and as `CodeHost`.
   */
  publish(
    collected: CollectedPull,
    publication: unknown,
    handover: string | null,
  ): Promise<PullOutcome>;
  /**
   * Collects, sets the money aside, thinks and publishes; `signal` ends it early and settles what it cost. What fails before a model was asked gives its
   * money back, and its check says why.
   */
  run(number: number, trigger: Trigger, signal: AbortSignal): Promise<PullOutcome>;
  /** Shows why a pull request is not reviewed, where nothing is shown of its head yet. */
  skip(collected: CollectedPull): Promise<PullOutcome>;
  /** Ends a run that asked no model, and says why: its money is given back, and its check is neutral, or failed where one is required. */
  giveUp(collected: CollectedPull, why: string, handover: string | null): Promise<PullOutcome>;
  /** Learns what people did with the findings by now, where there is something that keeps it. Said again it changes nothing. */
  learn(collected: CollectedPull): Promise<void>;
  /** What is known of a pull request. */
  status(number: number): Promise<PullStatus>;
  /** Learns what people did with the findings of a pull request that is over. */
  close(number: number): Promise<PullStatus>;
  /** Closes our threads in which nobody else has written. */
  resolve(number: number): Promise<ClosedThreads>;
  /** Stops or lets go on the reviews that nobody asks for; what the summary says stays. @throws {SkeinError} SKN-4671. */
  pause(number: number, isPaused: boolean): Promise<void>;
}

export interface ClosedThreads {
  readonly closed: number;
  /** True: the token may not close threads, and the others are open still. */
  readonly isDenied: boolean;
}

export interface PullStatus {
  readonly head: string;
  /** Null: none was reviewed. */
  readonly lastReviewed: string | null;
  readonly isPaused: boolean;
  readonly open: number;
  readonly declined: number;
  readonly spent: MicroUsd;
}

export type PullOutcome =
  | (PublishOutcome & { readonly publication: Publication })
  | { readonly kind: "skipped"; readonly why: string }
  /** All of it was said by an earlier try of the same job: a review, or why there is none. */
  | { readonly kind: "repeated"; readonly of: "giving-up" | "review"; readonly why: string };

const swept = { trigger: { kind: "swept" }, run: null } as const;

export function createPullReviews(deps: PullReviewsDeps): PullReviews {
  return {
    collect: async (number, trigger, run = null) => collectPull(deps, number, { trigger, run }),
    reserve: async (collected) => begin(deps, collected),
    think: async (collected, signal) => think(deps, collected, signal),
    publish: async (collected, publication, handover) =>
      repeatedOf("review", collected, handover) ??
      publish(deps, collected, { publication, handover }),
    run: async (number, trigger, signal) => reviewPull(deps, { number, trigger, signal }),
    learn: async (collected) => learn(deps, collected),
    status: async (number) => statusOf(await collectPull(deps, number, swept)),
    close: async (number) => {
      const collected = await collectPull(deps, number, swept);
      await learn(deps, collected);
      return statusOf(collected);
    },
    resolve: async (number) => resolveAll(deps, await collectPull(deps, number, swept)),
    skip: async (collected) => skip(deps, collected),
    giveUp: async (collected, why, handover) =>
      repeatedOf("giving-up", collected, handover) ?? giveUp(deps, collected, { why, handover }),
    pause: async (number, isPaused) =>
      pause(deps, await collectPull(deps, number, swept), isPaused),
  };
}

function statusOf({ pull, state }: CollectedPull): PullStatus {
  const declined = state.findings.filter((finding) => finding.state === "declined").length;
  return {
    head: pull.head.sha,
    lastReviewed: state.reviewed.at(-1)?.head ?? null,
    isPaused: state.is_paused,
    open: state.findings.length - declined,
    declined,
    spent: spentOf(state),
  };
}

async function resolveAll(
  { host }: PullReviewsDeps,
  { threads, self }: CollectedPull,
): Promise<ClosedThreads> {
  const all = new Set(threads.map(({ print }) => print));
  let closed = 0;
  for (const { thread } of threadsToResolve(threads, { live: new Set(), fixed: all, self })) {
    if ((await host.pulls.resolveThread(thread.id)) !== "resolved") {
      return { closed, isDenied: true };
    }
    closed += 1;
  }
  return { closed, isDenied: false };
}

interface RunAsk {
  readonly number: number;
  readonly trigger: Trigger;
  readonly signal: AbortSignal;
}

async function reviewPull(
  deps: PullReviewsDeps,
  { number, trigger, signal }: RunAsk,
): Promise<PullOutcome> {
  const collected = await collectPull(deps, number, { trigger, run: null });
  if (collected.decision.kind === "skip") {
    return skip(deps, collected);
  }
  await learn(deps, collected);
  const begun = await begin(deps, collected);
  const thought = await think(deps, begun, signal);
  if (thought.kind === "unasked") {
    await giveBack(deps, begun, thought);
    throw thought.error;
  }
  return publish(deps, begun, { publication: thought.publication, handover: null });
}

/** What could not be given back counts in full, and hides no failure. */
async function giveBack(
  deps: PullReviewsDeps,
  collected: CollectedPull,
  { why }: Extract<Thought, { readonly kind: "unasked" }>,
): Promise<void> {
  try {
    await giveUp(deps, collected, { why, handover: null });
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
  }
}

async function learn(
  { learn: keep }: PullReviewsDeps,
  { pull, told }: CollectedPull,
): Promise<void> {
  if (keep !== null && told.length > 0) {
    await keep(pull.number, told);
  }
}

/** Sets the run's whole budget aside where the next run sees it, before anything is spent. */
async function begin(deps: PullReviewsDeps, collected: CollectedPull): Promise<CollectedPull> {
  const { pull } = collected;
  const id = randomToken(deps.random);
  const aside = mostOf(deps.policy, spentOf(collected.state));
  const state = withRun(collected.state, { id, head: pull.head.sha, micro_usd: aside });
  const text = "## Skein review\n\nReviewers read this head now.\n";
  const comment = await keepState(deps, collected, { state, text });
  const check = await deps.host.checks.report(
    {
      headSha: pull.head.sha,
      name: reviewCheck,
      conclusion: null,
      title: "Reviewers read",
      summary: "A panel of models reads the change.",
      text: "",
      annotations: [],
      externalId: id,
      detailsUrl: null,
    },
    null,
  );
  return { ...collected, state, comment, run: { id, check } };
}

/** The most that a run may cost: its own limit, and no more than the pull request has left. Without either nothing can be set aside. */
function mostOf({ runLimit, pullRequestLimit }: ReviewPolicy, spent: MicroUsd): MicroUsd {
  const left = pullRequestLimit === null ? null : Math.max(0, pullRequestLimit - spent);
  return runLimit === null ? (left ?? 0) : Math.min(runLimit, left ?? runLimit);
}

/** A job that runs once more is handed what it was handed before, whoever asked for it: null where it is new. */
function repeatedOf(
  of: "giving-up" | "review",
  { state }: CollectedPull,
  handover: string | null,
): PullOutcome | null {
  return wasPublished(state, handover)
    ? { kind: "repeated", of, why: "What was handed over was published before." }
    : null;
}

interface Handed {
  readonly publication: unknown;
  readonly handover: string | null;
}

async function publish(
  deps: PullReviewsDeps,
  collected: CollectedPull,
  { publication, handover }: Handed,
): Promise<PullOutcome> {
  const published = parsePublication(publication);
  const outcome = await publishReview(deps, {
    collected: await withCheck(deps, collected),
    published,
    handover,
  });
  return { ...outcome, publication: published.publication };
}

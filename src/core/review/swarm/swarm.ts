import { startDeadline } from "../../base/deadline.ts";
import { generatePrompt, generateSchema } from "../prompts/generate.ts";
import { ballotFor } from "../prompts/vote.ts";
import type { Candidate, Cluster } from "../candidate.ts";
import type { Seat } from "../seat.ts";
import type { PanelMode } from "../vote/presets.ts";
import { poolCandidates } from "../vote/pool.ts";
import { putToVote, rankClusters } from "../vote/put-to-vote.ts";
import { affordSwarm } from "./affording.ts";
import type { Affordable } from "./affording.ts";
import { exhibitOf } from "./exhibits.ts";
import { fitSwarm } from "./fitting.ts";
import type { Fitted } from "./fitting.ts";
import { generateSeat, packPrompt, withSheets } from "./generating.ts";
import type { SeatReview, SheetedRequest } from "./generating.ts";
import type { OnSwarmEvent, SwarmPhase } from "./progress.ts";
import { defaultPhaseMs } from "./request.ts";
import type { SwarmDeps, SwarmOutcome, SwarmRequest } from "./request.ts";
import { outcomeOf } from "./outcome.ts";
import { voteSeat } from "./voting.ts";
import type { SeatBallot } from "./voting.ts";

/** Lets panels of models review changes. */
export interface Swarm {
  /** Tells what a swarm costs at its worst and what of it the budget holds, without a call. */
  estimate(request: SwarmRequest): Affordable;
  /**
   * Runs one swarm: every seat reads the change alone, all at once; code pools what they found; every seat then votes on what it did not
   * propose first. Never rejects for a model's sake: seats that fail are named, and what there is, is the outcome.
   */
  run(request: SwarmRequest): Promise<SwarmOutcome>;
}

export function createSwarm(deps: SwarmDeps): Swarm {
  return {
    estimate: (request) => estimate(deps, withSheets(request)),
    run: async (request) => run(deps, withSheets(request)),
  };
}

function estimate({ tokens, costOf }: SwarmDeps, request: SheetedRequest): Affordable {
  const schema = tokens.ofText(JSON.stringify(generateSchema.json));
  const packTokens = request.packing.packs.map((_, pack) =>
    generatePrompt(packPrompt(request, 1, pack)).reduce(
      (sum, { text }) => sum + tokens.ofText(text) + messageTokens,
      schema,
    ),
  );
  const { seats, mode } = request.panel;
  const { limits } = request;
  const room = request.room?.microUsd ?? null;
  return affordSwarm({ seats, mode, packTokens, limits, costOf, room });
}

/** More than any provider adds to a message. */
const messageTokens = 16;

async function run(deps: SwarmDeps, asked: SheetedRequest): Promise<SwarmOutcome> {
  const fitted = await fitSwarm(deps.money, asked, (request) => estimate(deps, request));
  try {
    return await runFitted(deps, fitted);
  } finally {
    await deps.money?.letGo(asked.run);
  }
}

async function runFitted(deps: SwarmDeps, { request, afford }: Fitted): Promise<SwarmOutcome> {
  const seats = afford.isEnough ? afford.seats : [];
  const reviews = await generateAll(deps, request, seats);
  const finished = reviews.filter(({ failure }) => failure === null);
  const clusters = rankClusters(poolCandidates(candidatesOf(reviews)));
  request.onEvent?.({
    kind: "pooled",
    candidates: candidatesOf(reviews).length,
    clusters: clusters.length,
  });
  const onBallot = putToVote(clusters, afford.candidates);
  const ballots = await voteAll(deps, request, { reviews, clusters: onBallot });
  const isSmall = finished.length === 1 || finished.length === 2;
  const isFallback = isSmall && request.mayFallBack !== false;
  const mode: PanelMode = isFallback ? "refute" : request.panel.mode;
  return outcomeOf({ request, afford, reviews, ballots, clusters, onBallot, mode });
}

/** All seats at once; where fewer than two finished, one of those that failed for a passing reason is asked once more. */
async function generateAll(
  deps: SwarmDeps,
  request: SheetedRequest,
  seats: readonly Seat[],
): Promise<readonly SeatReview[]> {
  if (seats.length === 0 || request.packing.packs.length === 0) {
    return [];
  }
  const first = await generateRound(deps, request, { seats, occurrence: 1 });
  const again = first.find(({ failure }) => failure !== null && isPassing(failure.fault));
  const finished = first.filter(({ failure }) => failure === null).length;
  const isOver = request.signal.aborted || request.mayFallBack === false;
  if (finished >= 2 || again === undefined || isOver) {
    return first;
  }
  const asked = seats.filter(({ number }) => number === again.seat.number);
  const [second] = await generateRound(deps, request, { seats: asked, occurrence: 2 });
  return first.map((review) =>
    review === again && second !== undefined ? better(review, second) : review,
  );
}

/** What a seat read in the better of two turns; both were paid for. */
function better(first: SeatReview, second: SeatReview): SeatReview {
  const { failure, packs } = second;
  const kept = failure === null || packs.length >= first.packs.length ? second : first;
  return { ...kept, calls: [...first.calls, ...second.calls] };
}

function isPassing(fault: string): boolean {
  return ["timeout", "network", "overloaded", "rate_limited", "bad_reply", "aborted"].includes(
    fault,
  );
}

async function generateRound(
  deps: SwarmDeps,
  request: SheetedRequest,
  { seats, occurrence }: { readonly seats: readonly Seat[]; readonly occurrence: number },
): Promise<readonly SeatReview[]> {
  const tell = teller(request.onEvent, "generate");
  await request.onPhase?.();
  return phase(deps, request, async (signal, lateReason) => {
    request.onEvent?.({ kind: "phase_started", phase: "generate", seats: seats.length });
    return Promise.all(
      seats.map(async (seat) => {
        const review = lateReason(await generateSeat(deps, request, { seat, signal, occurrence }));
        tell(review, review.claims.length);
        return review;
      }),
    );
  });
}

interface Hearing {
  /** Of all seats, those too that did not finish and may have found something all the same. */
  readonly reviews: readonly SeatReview[];
  readonly clusters: readonly Cluster[];
}

/** Every seat that finished votes on what it did not propose first. */
async function voteAll(
  deps: SwarmDeps,
  request: SwarmRequest,
  { reviews, clusters }: Hearing,
): Promise<readonly SeatBallot[]> {
  const seats = reviews.map(({ seat }) => seat);
  const exhibits = clusters.map((cluster) => exhibitOf(cluster, request.files));
  const turns = reviews
    .filter(({ failure }) => failure === null)
    .map(({ seat }) => ({
      seat,
      exhibits: ballotFor(seat, exhibits, { seats, seed: request.seed }),
    }))
    .filter((turn) => turn.exhibits.length > 0);
  if (turns.length === 0 || request.signal.aborted || !(await mayBegin(request))) {
    return [];
  }
  const tell = teller(request.onEvent, "vote");
  return phase(deps, request, async (signal, lateReason) => {
    request.onEvent?.({ kind: "phase_started", phase: "vote", seats: turns.length });
    return Promise.all(
      turns.map(async (turn) => {
        const ballot = lateReason(await voteSeat(deps, { ...request, signal }, turn));
        tell(ballot, ballot.votes.length);
        return ballot;
      }),
    );
  });
}

/** Waits for what has a say before a phase; false: the review is over. */
async function mayBegin({ onPhase, signal }: SwarmRequest): Promise<boolean> {
  await onPhase?.();
  return !signal.aborted;
}

type Named = Pick<SeatReview, "failure">;
type LateReason = <T extends Named>(turn: T) => T;

/** Runs one phase under its deadline; what the deadline ended says so. */
async function phase<T>(
  { timer }: SwarmDeps,
  { signal, phaseMs = defaultPhaseMs }: SwarmRequest,
  work: (signal: AbortSignal, lateReason: LateReason) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(timer, phaseMs, signal);
  const reason = `It did not answer within the phase's ${String(phaseMs / 1_000)} s.`;
  try {
    return await work(deadline.signal, (turn) =>
      turn.failure?.fault === "aborted" && deadline.isLate()
        ? { ...turn, failure: { fault: "timeout" as const, reason } }
        : turn,
    );
  } finally {
    deadline.end();
  }
}

function teller(onEvent: OnSwarmEvent | undefined, phaseName: SwarmPhase) {
  return ({ seat, failure }: Pick<SeatReview, "seat" | "failure">, items: number): void => {
    const base = { phase: phaseName, seat: seat.number, model: seat.model.name };
    onEvent?.(
      failure === null
        ? { kind: "seat_answered", ...base, items }
        : { kind: "seat_failed", ...base, reason: failure.reason },
    );
  };
}

/** What every seat found, also those that did not finish. */
function candidatesOf(reviews: readonly SeatReview[]): readonly Candidate[] {
  return reviews.flatMap(({ seat, claims }) =>
    claims.map((claim, index) => ({
      id: `${String(seat.number)}.${String(index + 1)}`,
      seat: seat.number,
      claim,
    })),
  );
}

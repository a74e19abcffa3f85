import type { MicroUsd } from "../../base/ids.ts";
import type { Model, TokenUsage } from "../../models/index.ts";
import type { SwarmLimits } from "../limits.ts";
import { voteTokens } from "../prompts/vote.ts";
import type { Seat } from "../seat.ts";
import type { PanelMode } from "../vote/presets.ts";

/** What a usage of a model costs. @throws {SkeinError} when the model has no price. */
export type CostOf = (model: Model, usage: TokenUsage) => MicroUsd;

export interface AffordRequest {
  readonly seats: readonly Seat[];
  readonly mode: PanelMode;
  /** What each pack's prompt has at most, in tokens. */
  readonly packTokens: readonly number[];
  readonly limits: SwarmLimits;
  readonly costOf: CostOf;
  /** What is left in the tightest budget; null: no limit. */
  readonly room: MicroUsd | null;
}

/** Which part of a swarm the budget holds. */
export interface Affordable {
  readonly seats: readonly Seat[];
  /** The seats that were given up, the dearest first. */
  readonly dropped: readonly Seat[];
  /** How many candidates may come to the vote; without a budget as the limits say. */
  readonly candidates: number;
  /** The worst case of what is left, all phases. */
  readonly worst: MicroUsd;
  /** False: not even the smallest swarm; then nothing is asked. */
  readonly isEnough: boolean;
}

/** What a candidate with its code has in a vote prompt, in tokens, on the dear side; the ledger holds each call to its own prompt. */
export const exhibitTokens = 900;
/** The words around the candidates. */
const voteFrameTokens = 900;
const leastCandidates = 5;

/**
 * Fits a swarm into a budget before its first call, at the worst case of all phases: every phase reads its context again. Seats are given up
 * first, the dearest of the largest family, down to the three that a quorum takes (two that refute each other); then candidates, down to 5.
 */
export function affordSwarm(request: AffordRequest): Affordable {
  const least = Math.min(request.seats.length, request.mode === "refute" ? 2 : 3);
  const dropped: Seat[] = [];
  let { seats } = request;
  while (seats.length > least && exceeds(request, seats, request.limits.candidates)) {
    const seat = nextToGo(request, seats);
    dropped.push(seat);
    seats = seats.filter((each) => each !== seat);
  }
  let { candidates } = request.limits;
  while (candidates > leastCandidates && exceeds(request, seats, candidates)) {
    candidates -= 1;
  }
  return {
    seats,
    dropped,
    candidates,
    worst: worstOf(request, seats, candidates),
    isEnough: !exceeds(request, seats, candidates),
  };
}

function exceeds(request: AffordRequest, seats: readonly Seat[], candidates: number): boolean {
  return request.room !== null && worstOf(request, seats, candidates) > request.room;
}

function worstOf(request: AffordRequest, seats: readonly Seat[], candidates: number): MicroUsd {
  return seats.reduce((sum, seat) => sum + seatWorst(request, seat, candidates), 0);
}

function seatWorst(
  { packTokens, limits, costOf }: AffordRequest,
  { model }: Seat,
  candidates: number,
): MicroUsd {
  const cost = (inputTokens: number, outputTokens: number): MicroUsd => {
    const answer = outputTokens + model.takes.thinkingTokens;
    const usage = { inputTokens: 0, outputTokens: answer, cacheReadTokens: 0, cacheWriteTokens: 0 };
    // Some providers write a prompt to their cache unasked, and charge that more dearly.
    const whole = (["inputTokens", "cacheWriteTokens", "cacheReadTokens"] as const).map((kind) =>
      costOf(model, { ...usage, [kind]: inputTokens }),
    );
    return Math.max(...whole);
  };
  const { generateTokens, ballotTokens } = limits;
  const generate = packTokens.reduce((sum, tokens) => sum + cost(tokens, generateTokens), 0);
  const ballot = voteTokens(candidates, ballotTokens);
  return generate + cost(voteFrameTokens + candidates * exhibitTokens, ballot);
}

/** Of the families with most seats the dearest seat, of equally dear ones the last. */
function nextToGo(request: AffordRequest, seats: readonly Seat[]): Seat {
  const { candidates } = request.limits;
  const size = (seat: Seat): number =>
    seats.filter(({ model }) => model.family === seat.model.family).length;
  return seats.reduce((worst, seat) => {
    const bySize = size(seat) - size(worst);
    const byCost = seatWorst(request, seat, candidates) - seatWorst(request, worst, candidates);
    return bySize > 0 || (bySize === 0 && byCost >= 0) ? seat : worst;
  });
}

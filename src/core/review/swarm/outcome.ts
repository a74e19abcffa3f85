import type { Cluster } from "../candidate.ts";
import type { SeatReport } from "../review.ts";
import type { Seat } from "../seat.ts";
import type { PanelMode } from "../vote/presets.ts";
import type { Affordable } from "./affording.ts";
import type { CallRecord } from "./call.ts";
import type { SeatReview } from "./generating.ts";
import type { SwarmOutcome, SwarmRequest } from "./request.ts";
import type { SeatBallot } from "./voting.ts";

/** All that a swarm came to, to be summed up. */
export interface SwarmParts {
  readonly request: SwarmRequest;
  readonly afford: Affordable;
  readonly reviews: readonly SeatReview[];
  readonly ballots: readonly SeatBallot[];
  readonly clusters: readonly Cluster[];
  /** Those that came to the vote. */
  readonly onBallot: readonly Cluster[];
  readonly mode: PanelMode;
}

export function outcomeOf(parts: SwarmParts): SwarmOutcome {
  const { request, reviews, ballots, clusters } = parts;
  const panel = request.panel.seats;
  const proposers = panel.map((seat) => reviewOf(parts, seat)?.seat ?? seat);
  const finished = answered(reviews);
  const wasStopped = request.signal.aborted;
  const hasNothingToRead = request.packing.packs.length === 0;
  const calls = [...reviews.flatMap((review) => review.calls), ...ballots.map(({ call }) => call)];
  return {
    mode: parts.mode,
    seats: proposers.map((seat) => ballotOf(parts, seat)?.seat ?? seat),
    proposers,
    reports: proposers.map((seat) => reportOf(parts, seat)),
    clusters,
    candidates: clusters.flatMap(({ members }) => members),
    votes: ballots.flatMap(({ votes }) => votes),
    readings: panel.map(({ number }) => ({
      seat: number,
      packs: reviews.find(({ seat }) => seat.number === number)?.packs ?? [],
    })),
    isComplete:
      !wasStopped &&
      (hasNothingToRead || isMost(finished, panel.length)) &&
      isMost(answered(ballots), ballots.length),
    wasStopped,
    cost: costOfCalls(calls),
    notes: hasNothingToRead ? [nothingRead] : [...notesOf(parts, finished), ...cachedNotes(calls)],
  };
}

function answered(turns: readonly Pick<SeatReview, "failure">[]): number {
  return turns.filter(({ failure }) => failure === null).length;
}

/** Two thirds. */
function isMost(part: number, whole: number): boolean {
  return part * 3 >= whole * 2;
}

/** A pass that nobody gave is no praise. */
const nothingRead =
  "There was nothing to review: the change is empty, or all of it was skipped. Nobody was asked.";

function reviewOf({ reviews }: SwarmParts, { number }: Seat): SeatReview | undefined {
  return reviews.find(({ seat }) => seat.number === number);
}

function ballotOf({ ballots }: SwarmParts, { number }: Seat): SeatBallot | undefined {
  return ballots.find(({ seat }) => seat.number === number);
}

function reportOf(parts: SwarmParts, seat: Seat): SeatReport {
  const [review, ballot] = [reviewOf(parts, seat), ballotOf(parts, seat)];
  const calls = [...(review?.calls ?? []), ...(ballot === undefined ? [] : [ballot.call])];
  return {
    seat: seat.number,
    model: seat.model.name,
    family: seat.model.family,
    weight: seat.weight,
    calls: calls.length,
    cached: cachedIn(calls),
    microUsd: costOfCalls(calls).microUsd,
    error: review === undefined ? notAsked(parts) : errorOf(review, ballot),
  };
}

function errorOf(review: SeatReview, ballot: SeatBallot | undefined): string | null {
  return (review.failure ?? ballot?.failure)?.reason ?? null;
}

function notAsked({ request, afford }: SwarmParts): string | null {
  if (request.packing.packs.length === 0) {
    return null;
  }
  return afford.isEnough
    ? "It was not asked: the budget does not hold its calls."
    : "Nobody was asked: the budget does not hold the smallest swarm.";
}

function cachedNotes(calls: readonly CallRecord<unknown>[]): readonly string[] {
  const cached = cachedIn(calls);
  return cached === 0
    ? []
    : [`Of ${String(calls.length)} answers ${String(cached)} are kept ones, which cost nothing.`];
}

function cachedIn(calls: readonly CallRecord<unknown>[]): number {
  return calls.filter(({ generation }) => generation?.isCached === true).length;
}

function costOfCalls(calls: readonly CallRecord<unknown>[]): SwarmOutcome["cost"] {
  const sum = (of: (call: CallRecord<unknown>) => number): number =>
    calls.reduce((total, call) => total + of(call), 0);
  return {
    microUsd: sum(({ microUsd }) => microUsd),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    savedMicroUsd: sum(({ savedMicroUsd }) => savedMicroUsd),
  };
}

function notesOf(parts: SwarmParts, finished: number): readonly string[] {
  const { request, afford, reviews, ballots } = parts;
  const size = request.panel.seats.length;
  return [
    ...request.panel.notes,
    ...budgetNotes(request, afford),
    ...reviews.flatMap((review) => [
      ...failureNote("review", review),
      ...renameNote(request.panel.seats, review.seat),
      ...(review.dropped === 0
        ? []
        : [`${named(review.seat)}: ${String(review.dropped)} unreadable parts were left out.`]),
    ]),
    ...ballots.flatMap((ballot) => [
      ...failureNote("vote", ballot),
      ...renameNote(
        reviews.map(({ seat }) => seat),
        ballot.seat,
      ),
    ]),
    ...limitNotes(parts),
    ...fewNote("finished", finished, size),
    ...fewNote("voted", answered(ballots), ballots.length),
    ...(parts.mode !== request.panel.mode ? [smallNote(finished)] : []),
    ...(request.signal.aborted ? ["The review was stopped before its end."] : []),
  ];
}

function fewNote(did: "finished" | "voted", part: number, whole: number): readonly string[] {
  return isMost(part, whole)
    ? []
    : [`Only ${String(part)} of ${String(whole)} seats ${did}: the review is incomplete.`];
}

function smallNote(finished: number): string {
  return finished > 1
    ? "Too few seats for a vote: what the other seat confirmed is advisory."
    : "Too few seats for a vote: nobody could confirm what one seat found.";
}

function budgetNotes(
  { room }: Pick<SwarmRequest, "room">,
  { dropped, isEnough, worst }: Affordable,
): readonly string[] {
  if (room === null || (isEnough && dropped.length === 0)) {
    return [];
  }
  const left = `The budget of ${room.of} has ${usd(room.microUsd)} USD left`;
  return isEnough
    ? [
        `${left}, less than the whole panel may cost: not asked were ${dropped.map(named).join(", ")}.`,
      ]
    : [
        `${left}, and the smallest swarm may cost ${usd(worst)} USD: no seat was asked, nothing was reviewed.`,
      ];
}

function limitNotes({ clusters, onBallot }: SwarmParts): readonly string[] {
  const chosen = new Set(onBallot);
  const left = clusters.filter((cluster) => !chosen.has(cluster));
  const places = left.map(({ primary: { claim } }) => `${claim.path}:${String(claim.line)}`);
  return left.length === 0 ? [] : [`Not put to the vote: ${someOf(places)}.`];
}

/** Where notes are shown they are cut at 500 characters: what would be cut is counted. */
const maxListChars = 440;

function someOf(places: readonly string[]): string {
  let [text, shown] = ["", 0];
  for (const place of places) {
    const longer = text === "" ? place : `${text}, ${place}`;
    if (longer.length > maxListChars) {
      break;
    }
    text = longer;
    shown += 1;
  }
  const left = places.length - shown;
  if (shown === 0) {
    return counted(left);
  }
  return left === 0 ? text : `${text} and ${String(left)} more`;
}

/** Where one name alone is longer than all that is shown. */
function counted(places: number): string {
  return places === 1 ? "1 place" : `${String(places)} places`;
}

function failureNote(
  phase: "review" | "vote",
  { seat, failure }: Pick<SeatReview, "seat" | "failure">,
): readonly string[] {
  return failure === null ? [] : [`${named(seat)} did not ${phase}: ${failure.reason}`];
}

function renameNote(before: readonly Seat[], seat: Seat): readonly string[] {
  const asked = before.find(({ number }) => number === seat.number)?.model.name;
  return asked === undefined || asked === seat.model.name
    ? []
    : [
        `${named(seat)} answered in place of ${asked}; the quorum counts its family ${seat.model.family}.`,
      ];
}

function named({ number, model }: Seat): string {
  return `seat ${String(number)} (${model.name})`;
}

/** Micro-dollars as dollars, every digit that counts. */
function usd(microUsd: number): string {
  return String(microUsd / 1_000_000);
}

import type { Ballot, Correction, Vote } from "../ballot.ts";
import type { Cluster } from "../candidate.ts";
import type { Decision } from "../finding.ts";
import type { Seat } from "../seat.ts";
import type { PanelMode } from "./presets.ts";
import { familiesOf } from "./panel.ts";
import { proposersOf } from "./pool.ts";

/** What a seat answered on one cluster. */
export interface CastVote {
  readonly seat: number;
  readonly vote: Vote;
  readonly reason: string;
  /** Counts only beside a confirm. */
  readonly correction?: Correction | undefined;
}

export interface TallyRequest {
  readonly cluster: Cluster;
  /** All seats of the panel, those that failed too: they make the panel's families. */
  readonly seats: readonly Seat[];
  /** The seats as they were when they proposed, where a failover gave one another model since. Default: `seats`. */
  readonly proposers?: readonly Seat[] | undefined;
  /** What was answered on this cluster; a seat that is missing, or answered unreadably, casts none. */
  readonly votes: readonly CastVote[];
  /** In percent. */
  readonly threshold: number;
  readonly mode: PanelMode;
  /** A seat's weight in this matter, in thousandths. Default: the seat's. */
  readonly weightOf?: ((seat: Seat) => number) | undefined;
}

/** What the ballots of one cluster come to. */
export interface Tally {
  readonly decision: Exclude<Decision, "check">;
  /** In thousandths, rounded down; null without a confirm or reject. */
  readonly support: number | null;
  /** Of every seat but the primary proposer, in the order of the seats. */
  readonly ballots: readonly Ballot[];
  readonly hasQuorum: boolean;
}

/**
 * Counts the votes on one cluster. Only code counts; a model never does.
 *
 * - Every seat but the primary proposer has a ballot; the primary proposer's vote never counts.
 * - A seat of another family that found the same has confirmed by that; only its own rejection, which comes later, outranks it.
 * - What is missing or unreadable abstains, and an abstention is in neither half of the fraction.
 * - Quorum: two confirm-or-reject ballots, one of them from outside the primary proposer's family. In a panel of one family two ballots
 *   are enough, and the finding is marked `single-family`.
 * - Support is the weight of confirm of the weight of confirm and reject. It must reach the threshold; at 50 percent a tie rejects.
 *   Nothing is supported without a confirm.
 * - No single vote blocks: what one ballot alone confirms is advisory, however much that weighs.
 * - `refute`: the other seat's confirm lets a finding survive as advisory.
 */
export function tally(request: TallyRequest): Tally {
  const ballots = ballotsOf(request);
  const counted = ballots.filter(({ vote }) => vote !== "abstain");
  const weights = weightsOf(request, counted);
  const confirm = sum(counted, weights, "confirm");
  const total = confirm + sum(counted, weights, "reject");
  const isSupported = supports(confirm, total, request.threshold);
  const hasQuorum = quorum(request, counted);
  const confirms = counted.filter(({ vote }) => vote === "confirm").length;
  return {
    decision: decide(request, { hasQuorum, isSupported, confirms }),
    support: total === 0 ? null : Math.floor((confirm * 1_000) / total),
    ballots,
    hasQuorum,
  };
}

/** True when `confirm` of `total` reaches a threshold in percent; at 50 a tie does not. */
export function supports(confirm: number, total: number, threshold: number): boolean {
  if (confirm === 0) {
    return false;
  }
  return threshold === 50 ? confirm * 2 > total : confirm * 100 >= threshold * total;
}

/** The ballots of one cluster, in the order of the seats; no threshold has a part in them. */
export function ballotsOf(
  request: Pick<TallyRequest, "cluster" | "seats" | "proposers" | "votes">,
): readonly Ballot[] {
  const { cluster, seats, votes } = request;
  const primary = cluster.primary.seat;
  const finders = new Set(proposersOf(cluster));
  const familyOf = proposerFamilies(request);
  return seats
    .filter(({ number }) => number !== primary)
    .map((seat) => {
      const own = votes.find((vote) => vote.seat === seat.number);
      if (own !== undefined && own.vote !== "abstain") {
        return castBallot(own);
      }
      const isRediscovery =
        finders.has(seat.number) && familyOf.get(seat.number) !== familyOf.get(primary);
      const vote = isRediscovery ? "confirm" : "abstain";
      return { seat: seat.number, vote, reason: own?.reason ?? "", isRediscovery };
    });
}

function castBallot({ seat, vote, reason, correction }: CastVote): Ballot {
  const ballot = { seat, vote, reason, isRediscovery: false };
  return vote === "confirm" && correction !== undefined ? { ...ballot, correction } : ballot;
}

function proposerFamilies({
  proposers,
  seats,
}: Pick<TallyRequest, "proposers" | "seats">): ReadonlyMap<number, string> {
  return new Map((proposers ?? seats).map(({ number, model }) => [number, model.family]));
}

function isOneFamily({ proposers, seats }: TallyRequest): boolean {
  return familiesOf([...seats, ...(proposers ?? [])]).length === 1;
}

function quorum(request: TallyRequest, counted: readonly Ballot[]): boolean {
  const { cluster, seats, mode } = request;
  if (mode === "refute") {
    return counted.length > 0;
  }
  if (counted.length < 2) {
    return false;
  }
  const familyOf = new Map(seats.map(({ number, model }) => [number, model.family]));
  const found = proposerFamilies(request);
  const own = found.get(cluster.primary.seat);
  // A ballot by rediscovery is of the family that found it; a vote is of the family that voted.
  const isOutside = ({ seat, isRediscovery }: Ballot): boolean =>
    (isRediscovery ? found : familyOf).get(seat) !== own;
  return isOneFamily(request) || counted.some((ballot) => isOutside(ballot));
}

interface Counted {
  readonly hasQuorum: boolean;
  readonly isSupported: boolean;
  readonly confirms: number;
}

function decide(
  request: TallyRequest,
  { hasQuorum, isSupported, confirms }: Counted,
): Tally["decision"] {
  if (!hasQuorum) {
    return "unconfirmed";
  }
  if (!isSupported) {
    return "rejected";
  }
  if (request.mode === "refute") {
    return "advisory";
  }
  if (isOneFamily(request)) {
    return "single-family";
  }
  return confirms > 1 ? "published" : "advisory";
}

function weightsOf(
  { seats, weightOf }: TallyRequest,
  counted: readonly Ballot[],
): ReadonlyMap<number, number> {
  const seatOf = new Map(seats.map((seat) => [seat.number, seat]));
  return new Map(
    counted.map(({ seat: number }) => {
      const seat = seatOf.get(number);
      return [number, seat === undefined ? 0 : (weightOf?.(seat) ?? seat.weight)];
    }),
  );
}

function sum(ballots: readonly Ballot[], weights: ReadonlyMap<number, number>, vote: Vote): number {
  return ballots
    .filter((ballot) => ballot.vote === vote)
    .reduce((total, { seat }) => total + (weights.get(seat) ?? 0), 0);
}

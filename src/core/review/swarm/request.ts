import type { MicroUsd } from "../../base/ids.ts";
import type { Timer } from "../../base/timer.ts";
import type { BudgetRoom } from "../../costs/index.ts";
import { phaseMsFor } from "../../models/index.ts";
import type { Candidate, Cluster } from "../candidate.ts";
import type { ChangedFile } from "../change.ts";
import type { SeatReading } from "../diff/coverage.ts";
import type { Packing } from "../diff/pack.ts";
import type { SwarmLimits } from "../limits.ts";
import type { ReviewCost, SeatReport } from "../review.ts";
import type { Seat } from "../seat.ts";
import type { Panel } from "../vote/panel.ts";
import type { PanelMode } from "../vote/presets.ts";
import type { CastVote } from "../vote/tally.ts";
import type { CallDeps } from "./call.ts";
import type { OnSwarmEvent } from "./progress.ts";

/** Money for a swarm as a whole. */
export interface SwarmMoney {
  /** Sets the worst case of all phases aside before the first call. Null: it is done; else nothing is, and this is what is left. */
  setAside(run: string, microUsd: MicroUsd): Promise<BudgetRoom | null>;
  /** Lets go of what no call has drawn. */
  letGo(run: string): Promise<void>;
}

export interface SwarmDeps extends CallDeps {
  readonly timer: Timer;
  /** Default: each call is set aside for when it is made. */
  readonly money?: SwarmMoney | undefined;
}

export interface SwarmRequest {
  /** As `R12`: what its calls are counted under. */
  readonly run: string;
  /** Random text that nobody who writes a diff knows; the same one makes the same prompts. */
  readonly seed: string;
  readonly panel: Panel;
  readonly packing: Packing;
  /** The files under review, to show code beside the candidates. */
  readonly files: readonly ChangedFile[];
  /** The project's, from the base; empty: none. */
  readonly instructions: string;
  /** What the author says of the change; empty: nothing. */
  readonly description: string;
  readonly limits: SwarmLimits;
  /** What is left in the tightest budget; null: no limit. */
  readonly room: BudgetRoom | null;
  /** How long one phase may take with its retries, in milliseconds. Default: `defaultPhaseMs`. */
  readonly phaseMs?: number | undefined;
  /** False: with too few seats nobody is asked again, and no vote becomes a refutation. Default: true. */
  readonly mayFallBack?: boolean | undefined;
  /** Ends all calls; what is known then is the result. */
  readonly signal: AbortSignal;
  readonly onEvent?: OnSwarmEvent | undefined;
  /** Awaited before each phase begins: what ends the review there asks no more models. Must not throw. */
  readonly onPhase?: (() => Promise<void>) | undefined;
}

/** 130 s: that of tries of 30 s. */
export const defaultPhaseMs: number = phaseMsFor(30_000);

/** A vote on one cluster. */
export interface ClusterVote extends CastVote {
  readonly cluster: string;
}

/** What a swarm has said, before it is tallied. A tally needs nothing else, so it can be made again for nothing. */
export interface SwarmOutcome {
  /** `refute` where two seats are left. */
  readonly mode: PanelMode;
  /** As they voted; after a failover with the model that answered. All of the panel, those that failed too. */
  readonly seats: readonly Seat[];
  /** As they proposed. */
  readonly proposers: readonly Seat[];
  readonly reports: readonly SeatReport[];
  readonly clusters: readonly Cluster[];
  readonly candidates: readonly Candidate[];
  readonly votes: readonly ClusterVote[];
  readonly readings: readonly SeatReading[];
  /** True when two thirds of the panel's seats finished their own reading, and of those asked to vote two thirds did, and nobody stopped it. */
  readonly isComplete: boolean;
  /** True when its caller gave up before its end. */
  readonly wasStopped: boolean;
  readonly cost: ReviewCost;
  /** What went otherwise than asked, one sentence each. */
  readonly notes: readonly string[];
}

import type { Random } from "../base/clock.ts";
import { randomToken } from "../base/ids.ts";
import type { Actor } from "../base/ids.ts";
import type { BudgetRoom } from "../costs/index.ts";
import type { Model } from "../models/index.ts";
import type { Store } from "../store/index.ts";
import type { SeatBill } from "./billing.ts";
import type { Change, ChangedFile } from "./change.ts";
import { cutNotes } from "./diff/endless.ts";
import { packFiles } from "./diff/pack.ts";
import { skipFiles } from "./diff/skip.ts";
import type { SkipOptions, SkipOutcome } from "./diff/skip.ts";
import type { Finding } from "./finding.ts";
import { usualLimits } from "./limits.ts";
import type { SwarmLimits } from "./limits.ts";
import { instructionPaths, instructionText } from "./prompts/instructions.ts";
import type { Instruction } from "./prompts/instructions.ts";
import type { ReviewRecord } from "./kept.ts";
import { recordOf } from "./recording.ts";
import type { RecordParts } from "./recording.ts";
import { withIdsOf } from "./result.ts";
import type { ReviewResult } from "./review.ts";
import type { Reviews } from "./reviews.ts";
import type { Seat } from "./seat.ts";
import type { Affordable } from "./swarm/affording.ts";
import type { OnSwarmEvent } from "./swarm/progress.ts";
import type { SwarmDeps, SwarmRequest } from "./swarm/request.ts";
import { createSwarm } from "./swarm/swarm.ts";
import { seatPanel } from "./vote/panel.ts";
import type { PresetName } from "./vote/presets.ts";
import { verifyFindings } from "./verifying.ts";
import type { Verifier } from "./verifying.ts";
import { sameThresholds } from "./vote/thresholds.ts";
import type { Thresholds } from "./vote/thresholds.ts";

/** Reviews changes and keeps what came of it. */
export interface Reviewing {
  /** What a review would cost at its worst, without a call. @throws as `seatPanel`. */
  estimate(request: ReviewRequest): Promise<ReviewEstimate>;
  /**
   * Begins a review and tells its id at once; `done` is its result. The result is kept before `done` resolves.
   *
   * When the signal aborts, no new call is made, those under way end, each is settled in the ledger, and `done` resolves all the same:
   * `incomplete`, with `wasStopped`, and with what was known by then.
   * @throws as `seatPanel`, before anything is kept.
   */
  start(request: ReviewRequest): Promise<StartedReview>;
}

export interface StartedReview {
  /** As `R12`. */
  readonly id: string;
  readonly done: Promise<ReviewResult>;
}

export interface ReviewEstimate {
  readonly seats: readonly Seat[];
  readonly afford: Affordable;
  readonly skipped: SkipOutcome["skipped"];
  readonly notes: readonly string[];
}

export interface ReviewRequest {
  readonly change: Change;
  /** What is reviewed, as a branch's name: reviews of one subject know each other's findings. */
  readonly subject: string;
  readonly actor: Actor;
  readonly preset: PresetName;
  /** Default: the preset's. */
  readonly seats?: number | undefined;
  readonly members?: readonly string[] | undefined;
  /** The preset's may be replaced. */
  readonly thresholds: Omit<Thresholds, "preset"> & { readonly preset?: number | undefined };
  readonly skip?: SkipOptions | undefined;
  /**
   * What earlier reviews of the subject left, with their states, for a caller that keeps them itself; those of checks do not count. Default:
   * what the store has.
   */
  readonly previous?: readonly Finding[] | undefined;
  /** What the author says of the change; empty: nothing. */
  readonly description: string;
  /** Default: `usualLimits`. */
  readonly limits?: SwarmLimits | undefined;
  /** What is left in the tightest budget; null: no limit. */
  readonly room: BudgetRoom | null;
  readonly phaseMs?: number | undefined;
  /** Random text that makes the marks and orders of the prompts; given only to make the same prompts again. Default: a new one. */
  readonly seed?: string | undefined;
  /** False: a review with too few seats does not become a quick one. Default: true. */
  readonly mayFallBack?: boolean | undefined;
  /** A person's own command, asked of each finding after the votes. Default: none. */
  readonly verify?: Verifier | undefined;
  /** Ends the review; see `start`. */
  readonly signal: AbortSignal;
  readonly onEvent?: OnSwarmEvent | undefined;
  /** Awaited before each phase begins: what ends the review there asks no more models. Must not throw. */
  readonly onPhase?: (() => Promise<void>) | undefined;
}

export interface ReviewingDeps extends SwarmDeps {
  /**
   * Makes the seed of a review's prompts from all that they are made of, by a secret: so that a review that is the same asks the same and may be
   * given kept answers. Default: a new random seed for each.
   */
  readonly seedOf?: ((material: string) => string) | undefined;
  readonly store: Store;
  readonly reviews: Reviews;
  readonly random: Random;
  readonly models: readonly Model[];
  /** The deterministic checks, over all files of a change. */
  readonly check: (change: Change) => Promise<readonly Omit<Finding, "id">[]>;
  /** Reads those of the named files that exist on the change's base. */
  readonly readBase: (change: Change, paths: readonly string[]) => Promise<readonly Instruction[]>;
  /** What a reader should know of how the models were called, one sentence each. Default: nothing. */
  readonly remarks?: (() => readonly string[]) | undefined;
  /** What the ledger charged for a review, by seat; null: nobody counts, the prices of the answers do. */
  readonly billsOf: (id: string) => Promise<readonly SeatBill[] | null>;
}

/** What one call shows at most, in tokens, and how many calls a seat makes at most to read a change. */
const packing = { packTokens: 24_000, maxPacks: 4 };

export function createReviewing(deps: ReviewingDeps): Reviewing {
  return {
    estimate: async (request) => estimate(deps, request),
    start: async (request) => start(deps, request),
  };
}

async function estimate(deps: ReviewingDeps, request: ReviewRequest): Promise<ReviewEstimate> {
  const prepared = await prepare(deps, request);
  const swarm = swarmRequest(request, prepared, "R0");
  return {
    seats: prepared.panel.seats,
    afford: createSwarm(deps).estimate(swarm),
    skipped: prepared.skipped,
    notes: prepared.panel.notes,
  };
}

async function start(deps: ReviewingDeps, request: ReviewRequest): Promise<StartedReview> {
  const prepared = await prepare(deps, request);
  const { actor, subject, preset } = request;
  const id = await deps.store.write(async (tx) =>
    deps.reviews.begin(tx, { actor, subject, preset }),
  );
  return { id, done: run(deps, request, { ...prepared, id }) };
}

interface Prepared {
  readonly panel: SwarmRequest["panel"];
  readonly packing: SwarmRequest["packing"];
  readonly files: readonly ChangedFile[];
  readonly skipped: SkipOutcome["skipped"];
  readonly thresholds: Thresholds;
  readonly instructions: string;
  readonly checks: readonly Finding[];
  readonly seed: string;
}

async function prepare(deps: ReviewingDeps, request: ReviewRequest): Promise<Prepared> {
  const { preset, seats, members, change } = request;
  const panel = seatPanel({ preset, seats, members, models: deps.models });
  const thresholds = {
    ...request.thresholds,
    preset: request.thresholds.preset ?? panel.threshold,
  };
  const { kept, cut, skipped } = skipFiles(change.files, request.skip);
  const paths = kept.map(({ path }) => path);
  const [found, base] = await Promise.all([
    deps.check(change),
    deps.readBase(change, instructionPaths(paths)),
  ]);
  const instructions = instructionText(base, paths);
  return {
    panel: {
      ...panel,
      notes: [...panel.notes, ...thresholdNotes(thresholds, panel.seats), ...cutNotes(cut)],
    },
    packing: packFiles(kept, { ...packing, tokensOf: (text) => deps.tokens.ofText(text) }),
    files: kept,
    skipped,
    thresholds,
    instructions,
    checks: found.map((finding) => ({ ...finding, id: "" })),
    seed: seedFor(deps, request, () => materialOf(request, { panel, kept, instructions })),
  };
}

function seedFor(
  { seedOf, random }: ReviewingDeps,
  { seed }: ReviewRequest,
  material: () => string,
): string {
  return seed ?? (seedOf === undefined ? randomToken(random) : seedOf(material()));
}

/** All that the prompts of a review are made of, besides its marks. */
function materialOf(
  { description, limits = usualLimits }: ReviewRequest,
  {
    panel,
    kept,
    instructions,
  }: Pick<Prepared, "panel" | "instructions"> & { readonly kept: readonly ChangedFile[] },
): string {
  const seats = panel.seats.map(({ number, model }) => [number, model]);
  const { preset, mode } = panel;
  return JSON.stringify([preset, mode, seats, kept, instructions, description, limits]);
}

function thresholdNotes(thresholds: Thresholds, seats: readonly Seat[]): readonly string[] {
  return sameThresholds(
    thresholds,
    seats.map(({ weight }) => weight),
  );
}

function swarmRequest(request: ReviewRequest, prepared: Prepared, id: string): SwarmRequest {
  const { seed, panel, files, instructions } = prepared;
  const { description, limits = usualLimits, room, phaseMs, mayFallBack } = request;
  const { signal, onEvent, onPhase } = request;
  return {
    run: id,
    seed,
    panel,
    packing: prepared.packing,
    files,
    instructions,
    description,
    limits,
    room,
    phaseMs,
    mayFallBack,
    signal,
    onEvent,
    onPhase,
  };
}

async function run(
  deps: ReviewingDeps,
  request: ReviewRequest,
  prepared: Prepared & { readonly id: string },
): Promise<ReviewResult> {
  const { id } = prepared;
  const outcome = await createSwarm(deps).run(swarmRequest(request, prepared, id));
  const { change, subject } = request;
  const before = await deps.store.read(async (reader) => ({
    previous: request.previous ?? (await deps.reviews.previous(reader, subject)),
    track: await deps.reviews.track(reader),
  }));
  const bills = await deps.billsOf(id);
  const { wasStopped } = outcome;
  const remarks = deps.remarks?.() ?? [];
  const parts = { ...prepared, change, outcome, ...before, bills, wasStopped, remarks };
  const record = await verifiedRecord(deps, request, parts);
  await deps.store.write(async (tx) =>
    deps.reviews.finish(tx, { id, actor: request.actor, record }),
  );
  return record.result;
}

/** What came of a review, after the command of a person was asked of what it found. Findings keep the ids that the command was told. */
async function verifiedRecord(
  { timer: clock }: ReviewingDeps,
  { verify, signal }: ReviewRequest,
  parts: Omit<RecordParts, "verified">,
): Promise<ReviewRecord> {
  const record = recordOf({ ...parts, verified: { verified: {}, notes: [] } });
  if (verify === undefined || signal.aborted) {
    return record;
  }
  const verified = await verifyFindings(record.result, verify, { clock, signal });
  const again = recordOf({ ...parts, verified, wasStopped: signal.aborted });
  return { ...again, result: withIdsOf(record.result, again.result) };
}

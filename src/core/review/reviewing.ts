import type { Random } from "../base/clock.ts";
import { randomToken } from "../base/ids.ts";
import type { Actor, MicroUsd } from "../base/ids.ts";
import type { Model } from "../models/index.ts";
import type { Store } from "../store/index.ts";
import { billed } from "./billing.ts";
import type { SeatBill } from "./billing.ts";
import type { Change, ChangedFile } from "./change.ts";
import { coverageOf } from "./diff/coverage.ts";
import { packFiles } from "./diff/pack.ts";
import { skipFiles } from "./diff/skip.ts";
import type { SkipOptions, SkipOutcome } from "./diff/skip.ts";
import { carryStates } from "./diff/states.ts";
import { anchorsOf } from "./findings.ts";
import type { Finding } from "./finding.ts";
import type { ReviewRecord, TallyBasis } from "./kept.ts";
import { instructionPaths, instructionText } from "./prompts/instructions.ts";
import type { Instruction } from "./prompts/instructions.ts";
import { resultOf } from "./result.ts";
import type { ReviewResult } from "./review.ts";
import type { Reviews } from "./reviews.ts";
import type { Seat } from "./seat.ts";
import type { Affordable } from "./swarm/affording.ts";
import type { OnSwarmEvent } from "./swarm/progress.ts";
import type { SwarmDeps, SwarmOutcome, SwarmRequest } from "./swarm/request.ts";
import { createSwarm } from "./swarm/swarm.ts";
import { seatPanel } from "./vote/panel.ts";
import type { PresetName } from "./vote/presets.ts";
import { sameThresholds } from "./vote/thresholds.ts";
import type { Thresholds } from "./vote/thresholds.ts";
import type { TrackRecord } from "./vote/weights.ts";

/** Reviews changes and keeps what came of it. */
export interface Reviewing {
  /** What a review would cost at its worst, without a call. @throws as `seatPanel`. */
  estimate(request: ReviewRequest): Promise<ReviewEstimate>;
  /**
   * Begins a review and tells its id at once; `done` is its result. The result is kept before `done` resolves.
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
  /** What the author says of the change; empty: nothing. */
  readonly description: string;
  /** What is left in the tightest budget; null: no limit. */
  readonly room: MicroUsd | null;
  readonly phaseMs?: number | undefined;
  /** Random text that makes the marks and orders of the prompts; given only to make the same prompts again. Default: a new one. */
  readonly seed?: string | undefined;
  /** False: a review with too few seats does not become a quick one. Default: true. */
  readonly mayFallBack?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly onEvent?: OnSwarmEvent | undefined;
}

export interface ReviewingDeps extends SwarmDeps {
  readonly store: Store;
  readonly reviews: Reviews;
  readonly random: Random;
  readonly models: readonly Model[];
  /** The deterministic checks, over all files of a change. */
  readonly check: (change: Change) => Promise<readonly Omit<Finding, "id">[]>;
  /** Reads those of the named files that exist on the change's base. */
  readonly readBase: (change: Change, paths: readonly string[]) => Promise<readonly Instruction[]>;
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
  const { kept, skipped } = skipFiles(change.files, request.skip);
  const paths = kept.map(({ path }) => path);
  const found = await deps.check(change);
  return {
    panel: { ...panel, notes: [...panel.notes, ...thresholdNotes(thresholds, panel.seats)] },
    packing: packFiles(kept, { ...packing, tokensOf: (text) => deps.tokens.ofText(text) }),
    files: kept,
    skipped,
    thresholds,
    instructions: instructionText(await deps.readBase(change, instructionPaths(paths)), paths),
    checks: found.map((finding) => ({ ...finding, id: "" })),
    seed: request.seed ?? randomToken(deps.random),
  };
}

function thresholdNotes(thresholds: Thresholds, seats: readonly Seat[]): readonly string[] {
  return sameThresholds(
    thresholds,
    seats.map(({ weight }) => weight),
  );
}

function swarmRequest(request: ReviewRequest, prepared: Prepared, id: string): SwarmRequest {
  const { seed, panel, files, instructions } = prepared;
  const { description, room, phaseMs, mayFallBack, signal, onEvent } = request;
  return {
    run: id,
    seed,
    panel,
    packing: prepared.packing,
    files,
    instructions,
    description,
    room,
    phaseMs,
    mayFallBack,
    signal,
    onEvent,
  };
}

async function run(
  deps: ReviewingDeps,
  request: ReviewRequest,
  prepared: Prepared & { readonly id: string },
): Promise<ReviewResult> {
  const { id } = prepared;
  const outcome = await createSwarm(deps).run(swarmRequest(request, prepared, id));
  const before = await deps.store.read(async (reader) => ({
    findings: await deps.reviews.previous(reader, request.subject),
    track: await deps.reviews.track(reader),
  }));
  const bills = await deps.billsOf(id);
  const record = recordOf({ request, prepared, outcome, ...before, bills });
  await deps.store.write(async (tx) =>
    deps.reviews.finish(tx, { id, actor: request.actor, record }),
  );
  return record.result;
}

interface RecordParts {
  readonly request: ReviewRequest;
  readonly prepared: Prepared & { readonly id: string };
  readonly outcome: SwarmOutcome;
  /** Of the last review of the subject. */
  readonly findings: readonly Finding[];
  readonly track: readonly TrackRecord[];
  readonly bills: readonly SeatBill[] | null;
}

function recordOf(parts: RecordParts): ReviewRecord {
  const { request, prepared, outcome, findings: previous } = parts;
  const { change } = request;
  const basis = basisOf(parts);
  const states = { silent: new Array<Finding>() };
  const result = resultOf({
    frame: {
      id: prepared.id,
      base: change.base,
      head: change.head,
      ...billed({ seats: outcome.reports, cost: outcome.cost }, parts.bills),
      skipped: prepared.skipped.map(({ path, reason }) => ({ path, reason })),
      coverage: coverageOf(prepared.packing, outcome.readings),
      notes: [...outcome.notes, ...personNotes(change.files)],
    },
    basis,
    others: prepared.checks,
    carry: (current) => {
      const { live, declined } = carryStates({ previous, current, files: change.files });
      states.silent = [...declined];
      return live;
    },
  });
  return { result, basis, silent: states.silent };
}

function basisOf({ request, prepared, outcome, track }: RecordParts): TallyBasis {
  const { mode, clusters, votes, isComplete } = outcome;
  const names = new Set(outcome.seats.map(({ model }) => model.name));
  return {
    outcome: {
      mode,
      clusters,
      votes,
      isComplete,
      seats: outcome.seats.map((seat) => withoutHeaders(seat)),
      proposers: outcome.proposers.map((seat) => withoutHeaders(seat)),
    },
    anchors: anchorsOf(clusters, request.change.files),
    thresholds: prepared.thresholds,
    records: track.filter(({ model }) => names.has(model)),
  };
}

/** Headers may carry keys: they are not kept. */
function withoutHeaders(seat: Seat): Seat {
  const { model } = seat;
  return { ...seat, model: { ...model, takes: { ...model.takes, headers: {} } } };
}

/** What no vote of models should decide alone: how the project is built and let in, and what tells models what to do. */
const needsPerson =
  /^\.github\/|(?:^|\/)(?:auth|permissions?|secrets?|prompts?)(?:\/|\.|$)|(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Gemfile\.lock|composer\.lock)$|(?:^|\/)(?:CLAUDE|AGENTS|REVIEW)\.md$/iu;

function personNotes(files: readonly ChangedFile[]): readonly string[] {
  const paths = [...new Set(files.map(({ path }) => path))].filter((path) =>
    needsPerson.test(path),
  );
  const shown = paths.slice(0, 5).join(", ");
  return paths.length === 0
    ? []
    : [
        `Needs a person: ${shown}${paths.length > 5 ? ` and ${String(paths.length - 5)} more` : ""}.`,
      ];
}

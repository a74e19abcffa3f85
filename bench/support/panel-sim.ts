import type { Model, ModelSize } from "../../src/core/models/index.ts";
import type { Candidate, Seat, Vote } from "../../src/core/review/index.ts";
import { poolCandidates } from "../../src/core/review/vote/pool.ts";
import { tally } from "../../src/core/review/vote/tally.ts";

/** How reviewers err: together where they share a family or a temptation, alone elsewhere. */
export interface World {
  /** How readily a voter confirms what is false, as a logit. About 0.3 of them at -1.1. */
  readonly gullibility: number;
}

/** What a change holds: true faults and tempting false ones. */
interface Fault {
  readonly id: number;
  readonly isTrue: boolean;
  /** How easily it is seen, or how tempting it is: the same for all reviewers. */
  readonly pull: number;
  /** What a family sees in it besides. */
  readonly familyPull: ReadonlyMap<string, number>;
}

/** What one change gave: faults with the seats that found them, and whether the vote published them. */
export interface Reviewed {
  readonly faults: number;
  readonly found: readonly {
    readonly isTrue: boolean;
    readonly finders: number;
    readonly isPublished: boolean;
    /** Of the votes that were no abstention. */
    readonly confirms: number;
    readonly votes: number;
  }[];
}

/** Numbers from 0 to below 1 (mulberry32): the same for the same seed. */
export function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const families = ["claude", "gpt", "qwen", "llama"];
/** Logits, set so that one reviewer, and the unions of three and five, have the recall and precision measured of real ones. */
const skill: Readonly<Record<ModelSize, number>> = { large: -0.1, medium: -0.4, small: -0.8 };
const spread = { bug: 2.6, temptation: 1.5, family: 0.8 };
const temptations = 16;
const temptation = -3.7;
const trust = 2.3;
const abstaining = 0.08;

/** Lets a panel review one change of the simulated world, with the same pool and the same votes for every rule. */
export function reviewOne(dice: () => number, panel: readonly Seat[], world: World): Reviewed {
  const faults = drawFaults(dice);
  const candidates = panel.flatMap((seat) =>
    faults
      .filter((fault) => dice() < logistic(findLogit(seat.model, fault)))
      .map((fault, index) => candidateOf(seat.number, index + 1, fault)),
  );
  const byTitle = new Map(faults.map((fault) => [titleOf(fault), fault]));
  const found = poolCandidates(candidates).map((cluster) => {
    const fault = byTitle.get(cluster.primary.claim.title);
    if (fault === undefined) {
      throw new Error("a cluster of no fault");
    }
    const votes = panel
      .filter(({ number }) => number !== cluster.primary.seat)
      .map(({ number, model }) => ({
        seat: number,
        vote: voteOf(dice, model, { fault, world }),
        reason: "",
      }));
    const { decision } = tally({
      cluster,
      seats: panel,
      votes,
      threshold: thresholdOf(panel),
      mode: "vote",
    });
    return {
      isTrue: fault.isTrue,
      finders: new Set(cluster.members.map(({ seat }) => seat)).size,
      isPublished: decision === "published",
      confirms: votes.filter(({ vote }) => vote === "confirm").length,
      votes: votes.filter(({ vote }) => vote !== "abstain").length,
    };
  });
  return { faults: faults.filter(({ isTrue }) => isTrue).length, found };
}

/** The presets' thresholds, by size. */
export function thresholdOf(panel: readonly Seat[]): number {
  return panel.length >= 10 ? 70 : panel.length >= 6 ? 60 : 50;
}

/** A third of the changes is clean; the others have one to five faults. */
function drawFaults(dice: () => number): readonly Fault[] {
  const bugs = dice() < 1 / 3 ? 0 : 1 + Math.floor(dice() * 5);
  return Array.from({ length: bugs + temptations }, (_, id) => {
    const isTrue = id < bugs;
    return {
      id,
      isTrue,
      pull: isTrue ? spread.bug * normal(dice) : temptation + spread.temptation * normal(dice),
      familyPull: new Map(families.map((family) => [family, spread.family * normal(dice)])),
    };
  });
}

function findLogit({ size, family }: Model, { pull, familyPull, isTrue }: Fault): number {
  // A better model finds more and invents less.
  return (isTrue ? skill[size] : -0.3 * skill[size]) + pull + (familyPull.get(family) ?? 0);
}

/** What tempts to find a fault tempts to confirm it: errors of finding and of voting go together. */
function voteOf(
  dice: () => number,
  { size, family }: Model,
  { fault, world }: { readonly fault: Fault; readonly world: World },
): Vote {
  if (dice() < abstaining) {
    return "abstain";
  }
  const own = fault.familyPull.get(family) ?? 0;
  const logit = fault.isTrue
    ? trust + 0.5 * skill[size] + 0.4 * fault.pull + 0.6 * own
    : world.gullibility - 0.3 * skill[size] + 0.6 * (fault.pull - temptation) + 0.6 * own;
  return dice() < logistic(logit) ? "confirm" : "reject";
}

function candidateOf(seat: number, number: number, fault: Fault): Candidate {
  const line = 1 + fault.id * 20;
  return {
    id: `${String(seat)}.${String(number)}`,
    seat,
    claim: {
      path: "src/change.ts",
      line,
      endLine: line,
      severity: "medium",
      category: "correctness",
      title: titleOf(fault),
      body: "",
      quoted: "",
      symbol: null,
      failingInput: null,
    },
  };
}

function titleOf({ id }: Fault): string {
  return `alpha${String(id)} beta${String(id)} gamma${String(id)}`;
}

function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

function normal(dice: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
}

import { SkeinError } from "../../base/errors.ts";
import type { Model, ModelSize } from "../../models/index.ts";
import { reviewErrors } from "../errors.ts";
import type { Seat } from "../seat.ts";
import { mixOf, slots } from "./mix.ts";
import type { Slot } from "./mix.ts";
import { presets } from "./presets.ts";
import type { PanelMode, PresetName } from "./presets.ts";

/** Which reviewers are asked. */
export interface PanelRequest {
  readonly preset: PresetName;
  /** From 1 to 20. Default: the preset's. */
  readonly seats?: number | undefined;
  /** Names of models, one a seat, instead of the mix; a name may stand twice. */
  readonly members?: readonly string[] | undefined;
  /** All that `skein.yml` declares, in its order. */
  readonly models: readonly Model[];
}

/** The reviewers of one swarm, before anything was asked. */
export interface Panel {
  readonly preset: PresetName;
  readonly mode: PanelMode;
  /** In percent: the preset's. */
  readonly threshold: number;
  readonly seats: readonly Seat[];
  /** What is not as one would expect, in words. */
  readonly notes: readonly string[];
}

export const maxSeats = 20;

/** Where to look when no model has the wanted size: the nearest one, of two the larger. */
const nearest: Readonly<Record<ModelSize, readonly ModelSize[]>> = {
  large: ["large", "medium", "small"],
  medium: ["medium", "large", "small"],
  small: ["small", "medium", "large"],
};

/**
 * Seats a panel: the named members, or the mix over the declared models.
 *
 * @throws {SkeinError} SKN-2871 without models, SKN-1871 for a number of seats out of range, SKN-1872 for a member that is not declared.
 */
export function seatPanel(request: PanelRequest): Panel {
  const preset = presets[request.preset];
  if (request.models.length === 0) {
    throw new SkeinError(reviewErrors.noModels);
  }
  const members = request.members ?? [];
  const chosen = members.length > 0 ? named(request, members) : mixed(request, preset.seats);
  const seats = chosen.models.map((model, index) => ({
    number: index + 1,
    model,
    weight: model.weight,
  }));
  return {
    preset: request.preset,
    mode: seats.length <= 2 ? "refute" : preset.mode,
    threshold: preset.threshold,
    seats,
    notes: [...chosen.notes, ...familyNotes(seats)],
  };
}

/** The families of a panel, each once, in the order of its seats. */
export function familiesOf(seats: readonly Seat[]): readonly string[] {
  return [...new Set(seats.map(({ model }) => model.family))];
}

interface Chosen {
  readonly models: readonly Model[];
  readonly notes: readonly string[];
}

function named({ models }: PanelRequest, members: readonly string[]): Chosen {
  checkSeats(members.length);
  const known = new Map(models.map((model) => [model.name, model]));
  return {
    models: members.map((name) => {
      const model = known.get(name);
      if (model === undefined) {
        throw new SkeinError(reviewErrors.unknownMember, {
          message: `No model is called ${JSON.stringify(name)}.`,
          fix: `Name one of: ${[...known.keys()].join(", ")}.`,
          facts: { member: name, models: [...known.keys()] },
        });
      }
      return model;
    }),
    notes: [],
  };
}

function mixed(request: PanelRequest, byDefault: number): Chosen {
  const seats = request.seats ?? byDefault;
  checkSeats(seats);
  const mix = mixOf(seats);
  const filled = new Array<Chosen>();
  for (const slot of slots) {
    const taken = filled.flatMap((chosen) => chosen.models);
    filled.push(fill({ slot, count: mix[slot], taken }, request.models));
  }
  return {
    models: filled.flatMap((chosen) => chosen.models),
    notes: [...new Set(filled.flatMap(({ notes }) => notes))],
  };
}

function checkSeats(seats: number): void {
  if (!Number.isInteger(seats) || seats < 1 || seats > maxSeats) {
    throw new SkeinError(reviewErrors.badSeats, {
      message: `A panel cannot have ${String(seats)} seats.`,
      facts: { seats, min: 1, max: maxSeats },
    });
  }
}

interface Filling {
  readonly slot: Slot;
  readonly count: number;
  /** Those that have a seat already. */
  readonly taken: readonly Model[];
}

/**
 * Fills one slot with models of its size that have the fewest seats so far: large and small seats go round all of them; the medium slots take
 * one model each, the second of another family where there is one.
 */
function fill({ slot, count, taken }: Filling, models: readonly Model[]): Chosen {
  if (count === 0) {
    return { models: [], notes: [] };
  }
  const wanted: ModelSize = slot === "large" || slot === "small" ? slot : "medium";
  const size = nearest[wanted].find((name) => models.some((model) => model.size === name));
  const pool = leastTaken(
    models.filter((model) => model.size === size),
    taken,
  );
  const isMedium = wanted === "medium";
  const round = isMedium ? one(pool, slot === "medium-b" ? taken.at(-1) : undefined) : pool;
  const notes =
    size === wanted
      ? []
      : [`No model of size ${wanted} is declared; its seats go to ${size ?? ""} ones.`];
  return {
    models: Array.from({ length: count }, (_, index) => round[index % round.length]).filter(
      (model) => model !== undefined,
    ),
    notes,
  };
}

function leastTaken(pool: readonly Model[], taken: readonly Model[]): readonly Model[] {
  const count = (model: Model): number => taken.filter((each) => each === model).length;
  return pool.toSorted((a, b) => count(a) - count(b));
}

/** The first model that is of another family than the one before, else the first. */
function one(pool: readonly Model[], before: Model | undefined): readonly Model[] {
  const other = pool.find(({ family }) => family !== before?.family);
  return other === undefined ? pool.slice(0, 1) : [other];
}

function familyNotes(seats: readonly Seat[]): readonly string[] {
  const families = familiesOf(seats);
  return families.length > 1
    ? []
    : [
        `All seats are of the family ${families.join("")}: findings are marked single-family and never fail a check.`,
      ];
}

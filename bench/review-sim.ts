import type { Model, ModelSize } from "../src/core/models/index.ts";
import { seatPanel } from "../src/core/review/vote/panel.ts";
import type { PresetName } from "../src/core/review/vote/presets.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { createDice, reviewOne, thresholdOf } from "./support/panel-sim.ts";
import type { Reviewed, World } from "./support/panel-sim.ts";
import { rounded } from "./support/statistics.ts";

/**
 * A simulated panel whose reviewers err together. The same pools and the same seeds go to three rules: publish all that anyone found, publish
 * what enough seats found each by itself, and Skein's vote. What a real panel does is not told by it: it compares rules, not models.
 */
const seeds = isQuick ? 3 : 20;
const changes = 150;
const usual: World = { gullibility: -1.1 };
/** Voters that believe half of what is false. */
const gullible: World = { gullibility: -0.1 };

const models: readonly Model[] = [
  aModel("claude", "large", 1_500),
  aModel("gpt", "medium", 1_000),
  aModel("qwen", "medium", 1_000),
  aModel("llama", "small", 700),
];

function main(): void {
  const presets: readonly PresetName[] = ["fast", "balanced", "critical"];
  report([
    ...calibration(),
    ...presets.flatMap((preset) => figuresOf(preset, usual, preset)),
    ...presets.flatMap((preset) =>
      figuresOf(preset, gullible, `${preset}, gullible voters`).slice(-1),
    ),
  ]);
}

interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

function figuresOf(preset: PresetName, world: World, name: string): readonly Figure[] {
  const panel = seatPanel({ preset, models }).seats;
  const reviews = simulate(panel, world);
  const threshold = Math.ceil((thresholdOf(panel) * panel.length) / 100);
  const quorum = (least: number): Quality => quality(reviews, ({ finders }) => finders >= least);
  const union = quorum(1);
  const rediscovery = quorum(Math.max(2, threshold));
  const best = panel.map((_, index) => quorum(index + 2)).toSorted((a, b) => b.f1 - a.f1)[0];
  const vote = quality(reviews, ({ isPublished }) => isPublished);
  const others = Math.max(union.f1, rediscovery.f1, best?.f1 ?? 0);
  return [
    ...lines(`${name}: union`, union),
    ...lines(`${name}: found by ${String(thresholdOf(panel))} % of the seats`, rediscovery),
    ...(best === undefined ? [] : lines(`${name}: found by the best number of seats`, best)),
    ...lines(`${name}: Skein's vote`, vote),
    {
      name: `${name}: F1 of Skein's vote over the best other rule`,
      value: rounded(vote.f1 / others),
      unit: "x",
      target: world === usual ? atLeast(1) : null,
    },
  ];
}

/** How near the simulated reviewers are to measured ones: recall 0.42, 0.68, 0.78 for 1, 3 and 5, precision 0.39 for one. */
function calibration(): readonly Figure[] {
  const { seats } = seatPanel({ preset: "critical", models });
  const mixed = [seats[0], seats[2], seats[6], seats[8], seats[3]].filter(
    (seat) => seat !== undefined,
  );
  const one = quality(simulate(mixed.slice(1, 2), usual), () => true);
  const union = (size: number): Quality =>
    quality(simulate(mixed.slice(0, size), usual), () => true);
  return [
    informing("calibration: recall of one reviewer (measured 0.42)", one.recall),
    informing("calibration: precision of one reviewer (measured 0.39)", one.precision),
    informing("calibration: recall of three (measured 0.68)", union(3).recall),
    informing("calibration: precision of three (measured 0.24 to 0.30)", union(3).precision),
    informing("calibration: recall of five (measured 0.78)", union(5).recall),
    informing("votes that confirm a true candidate", confirming(seats, usual, true)),
    informing("votes that confirm a false candidate", confirming(seats, usual, false)),
    informing("the same, gullible voters", confirming(seats, gullible, false)),
  ];
}

function confirming(panel: Parameters<typeof reviewOne>[1], world: World, isTrue: boolean): number {
  const found = simulate(panel, world).flatMap((each) =>
    each.found.filter((one) => one.isTrue === isTrue),
  );
  const sum = (of: (one: (typeof found)[number]) => number): number =>
    found.reduce((total, one) => total + of(one), 0);
  return sum(({ confirms }) => confirms) / sum(({ votes }) => votes);
}

function simulate(panel: Parameters<typeof reviewOne>[1], world: World): readonly Reviewed[] {
  return Array.from({ length: seeds }, (_, seed) => createDice(seed + 1)).flatMap((dice) =>
    Array.from({ length: changes }, () => reviewOne(dice, panel, world)),
  );
}

function quality(
  reviews: readonly Reviewed[],
  isPublished: (found: Reviewed["found"][number]) => boolean,
): Quality {
  const published = reviews.flatMap(({ found }) => found.filter((each) => isPublished(each)));
  const hits = published.filter(({ isTrue }) => isTrue).length;
  const all = reviews.reduce((sum, { faults }) => sum + faults, 0);
  const precision = published.length === 0 ? 1 : hits / published.length;
  const recall = hits / all;
  return {
    precision,
    recall,
    f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}

function lines(name: string, { precision, recall, f1 }: Quality): readonly Figure[] {
  return [
    informing(`${name}, precision`, precision),
    informing(`${name}, recall`, recall),
    informing(`${name}, F1`, f1),
  ];
}

function informing(name: string, value: number): Figure {
  return { name, value: rounded(value), unit: "", target: null };
}

function aModel(family: string, size: ModelSize, weight: number): Model {
  return {
    name: family,
    provider: family,
    id: family,
    family,
    size,
    weight,
    takes: {
      temperature: true,
      reasoning: null,
      tokenParameter: "max_tokens",
      thinkingTokens: 0,
      headers: {},
    },
  };
}

main();

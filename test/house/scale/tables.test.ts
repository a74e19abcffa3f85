import { describe, expect, test } from "vitest";
import { callTable, scaleTables } from "../../../bench/scale/tables.ts";
import { callKinds, figureNames } from "../../../bench/scale/facts.ts";
import type { Figure } from "../../../bench/support/figure.ts";

const figure = (name: string, value: number): Figure => ({ name, value, unit: "", target: null });

const calls = callKinds.flatMap((kind) => {
  const names = figureNames(kind);
  return [
    figure(names.serverMs, 1.234),
    figure(names.databaseMs, 2.345),
    figure(names.roundTrips, 8),
    figure(names.statements, 21),
  ];
});

const shard = (name: string): readonly Figure[] => [
  figure(`${name}, calls`, 28_300),
  figure(`${name}, p50`, 9.04),
  figure(`${name}, p95`, 18),
  figure(`${name}, p99`, 1_940),
  figure(`${name}, use of servers' cores`, 0.256),
  figure(`${name}, use of connections`, 0.07),
  figure(`${name}, use of the database's cores`, 0.98),
  figure(`${name}, use of the busiest project's lock`, 1),
  figure(`${name}, events to be rung for`, 3_320),
];

const million: readonly Figure[] = [
  ...shard("a million"),
  ...["shards", "sessions of a shard", "projects", "servers' cores bought"].map((what) =>
    figure(`a million, ${what}`, 7),
  ),
  ...["databases' cores bought", "servers", "databases", "storage", "one session"].map((what) =>
    figure(`a million, ${what}`, 0.013),
  ),
];

describe("tables of the page on scaling", () => {
  test("tell what each kind of call costs", () => {
    expect(callTable(calls)).toContain("| claim | 1.2 ms | 2.3 ms | 21 | 8 |");
  });

  test("tell shards, single projects and a million sessions", () => {
    const figures = [...shard("80,000 a shard"), ...shard("one project of 1,000"), ...million];

    const text = scaleTables(figures, { sizes: ["80,000"], lonely: ["1,000"] });

    expect(text).toContain("| 80,000 | 28,300 | 9 ms | 1.9 s | 26 % | 98 % | 7 % | 100 % |");
    expect(text).toContain("| 1,000 | 9 ms | 1.9 s | 100 % |");
    expect(text).toContain("| one session | 0.013 USD a month |");
  });

  test("are not made without a figure that they need", () => {
    expect(() => callTable(calls.slice(1))).toThrow("There is no figure");
  });
});

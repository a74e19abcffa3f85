import { describe, expect, test } from "vitest";
import type { SessionId } from "../../src/core/base/ids.ts";
import { patternsIntersect } from "../../src/core/leases/index.ts";
import type { PathPattern } from "../../src/core/leases/index.ts";
import { indexKey, reachOf } from "../../src/core/leases/reach.ts";
import { createDice } from "../support/glob-oracle.ts";
import type { Dice } from "../support/glob-oracle.ts";
import { aRequest, createLeaseStand, leaseMigrations } from "../support/leases.ts";
import { openMemoryStore } from "../support/stores.ts";

const pairs = Number(process.env["SKEIN_PROOF_PAIRS"] ?? 100_000);
const seed = Number(process.env["SKEIN_PROOF_SEED"] ?? 1);

const folders = ["a", "b.d", "A", "é", "*", "**", "a*", "{a,b.d}"];
const names = [
  "a",
  "a.ts",
  "A.TS",
  "x.test.ts",
  ".ts",
  "b.d",
  "a.É",
  "a.e\u0301",
  "a.\u212A",
  "a.k",
  "é",
  "1..2",
  "*",
  "**",
  "*.ts",
  "*.test.ts",
  "**.ts",
  "?.ts",
  "*.TS",
  "*.t?",
  "*.t[a-z]",
  "[a.]ts",
  "*s",
  "*.",
  "*.*.ts",
  "*.{ts,md}",
  "{a.ts,b/c.ts}",
  "{*.ts,x.test.ts}",
  "*.é",
  "*é",
  "*.k",
  "*.K",
  "x*/.ts",
  "a*.ts",
  "*.d",
];

/** Replay a failure: `SKEIN_PROOF_SEED=<seed> npx vitest run test/property/leases-index`. */
describe.each([false, true])("the index of patterns, caseInsensitive %s", (caseInsensitive) => {
  const policy = { caseInsensitive };
  const dice = createDice(seed + (caseInsensitive ? 1 : 0));

  test("looks for every pattern that shares a path, and leaves many others out", () => {
    const pool = Array.from({ length: 1_000 }, () => randomPattern(dice));
    const wrong: string[] = [];
    let leftOut = 0;
    for (let count = 0; count < pairs / 2; count += 1) {
      const one = pool[dice(pool.length)] ?? randomPattern(dice);
      const other = pool[dice(pool.length)] ?? one;
      if (finds(one, other)) {
        continue;
      }
      leftOut += 1;
      if (patternsIntersect(one, other, policy)) {
        wrong.push(`${one.text}  ${other.text}`);
      }
    }

    expect(wrong.slice(0, 5), `seed ${String(seed)}`).toEqual([]);
    expect(leftOut).toBeGreaterThan(pairs / 20);
  });

  test("refuses in the store what a comparison with every lease refuses", async () => {
    const { store } = await openMemoryStore({ migrations: leaseMigrations });
    const stand = createLeaseStand(store, caseInsensitive);
    const held = Array.from({ length: 120 }, () => randomPattern(dice));
    for (const [at, pattern] of held.entries()) {
      const session: SessionId = `s${at + 1}`;
      stand.join(session);
      const request = { ...aRequest(session, "a"), patterns: [pattern], mode: "shared" as const };
      await stand.write((tx) => stand.leases.grant(tx, request));
    }

    const wrong: string[] = [];
    for (let count = 0; count < 150; count += 1) {
      const patterns = Array.from({ length: 1 + dice(3) }, () => randomPattern(dice));
      const ask = { session: "s999", ancestors: [], patterns, mode: "exclusive" } as const;
      const refusals = await stand.write((tx) => stand.leases.conflicts(tx, ask));
      const expected = patterns
        .map((one) => held.filter((other) => patternsIntersect(one, other, policy)).length)
        .reduce((sum, meeting) => sum + Math.min(5, meeting), 0);
      const [first] = await stand.write((tx) => stand.leases.conflicts(tx, { ...ask, enough: 1 }));
      if (refusals.length !== expected || first?.by?.id !== refusals[0]?.by?.id) {
        wrong.push(patterns.map(({ text }) => text).join("  "));
      }
    }

    await store.close();
    expect(wrong.slice(0, 5), `seed ${String(seed)}`).toEqual([]);
  });

  /** Whether a look for one pattern reads the key of another. */
  function finds(one: PathPattern, other: PathPattern): boolean {
    const { at, below, isAnyEnding } = reachOf([one], policy);
    const key = indexKey(other, policy);
    const isIn = (from: string, to: string): boolean => key >= from && key < to;
    return (
      at.has(key) ||
      below.some((prefix) => (prefix === "" ? key > "" : isIn(`${prefix}/`, `${prefix}0`))) ||
      (isAnyEnding && isIn("/", "0"))
    );
  }
});

describe("indexKey", () => {
  test.each([
    ["**/*.gen.ts", "/.ts"],
    ["**/Makefile", "/"],
    ["*.{ts,md}", ""],
    ["**", ""],
    ["src/**/*.ts", "src"],
    ["{src,test}/*.ts", "/.ts"],
  ])("of %s is %j", (text, key) => {
    expect(indexKey({ kind: "glob", text }, { caseInsensitive: false })).toBe(key);
  });
});

function randomPattern(dice: Dice): PathPattern {
  const path = Array.from({ length: dice(3) }, () => folders[dice(folders.length)] ?? "a");
  const text = [...path, names[dice(names.length)] ?? "a"].join("/").normalize("NFC");
  const isPlain = !/[*?[{]/u.test(text);
  return { kind: isPlain ? (dice(3) === 0 ? "dir" : "literal") : "glob", text };
}

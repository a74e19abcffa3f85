import { describe, expect, test } from "vitest";
import {
  commonPath,
  literalPrefix,
  parsePathPattern,
  patternMatches,
  patternsIntersect,
} from "../../src/core/leases/index.ts";
import type { PathPattern } from "../../src/core/leases/index.ts";
import { allPaths, createDice, randomPattern } from "../support/glob-oracle.ts";
import type { OraclePattern } from "../support/glob-oracle.ts";

const pairs = Number(process.env["SKEIN_PROOF_PAIRS"] ?? 100_000);
const seed = Number(process.env["SKEIN_PROOF_SEED"] ?? 1);
const paths = allPaths();

interface Tried {
  readonly oracle: OraclePattern;
  readonly pattern: PathPattern;
  /** One bit a path of the small world. */
  readonly found: Uint32Array;
}

/** R5. Replay a failure: `SKEIN_PROOF_SEED=<seed> npx vitest run test/property/leases-overlap`. */
describe.each([false, true])("patternsIntersect, caseInsensitive %s", (caseInsensitive) => {
  const policy = { caseInsensitive };
  const dice = createDice(seed + (caseInsensitive ? 1 : 0));
  const pool = Array.from({ length: 1_200 }, () =>
    tryPattern(randomPattern(dice, caseInsensitive)),
  );

  test(`agrees with the oracle on half of ${String(pairs)} random pairs`, () => {
    const wrong: string[] = [];
    let meeting = 0;
    for (let count = 0; count < pairs / 2; count += 1) {
      const one = pool[dice(pool.length)] ?? tryPattern(randomPattern(dice, caseInsensitive));
      const other = pool[dice(pool.length)] ?? one;
      const answer = patternsIntersect(one.pattern, other.pattern, policy);
      const isRight = answer ? isWitnessed(one, other) : !overlaps(one, other);
      meeting += answer ? 1 : 0;
      if (!isRight) {
        wrong.push(`${one.oracle.text}  ${other.oracle.text}  said ${String(answer)}`);
      }
    }

    expect(wrong.slice(0, 5), `seed ${String(seed)}`).toEqual([]);
    expect(meeting).toBeGreaterThan(pairs / 20);
    expect(meeting).toBeLessThan(pairs * 0.45);
  });

  test("matches exactly the paths of the small world that the oracle matches", () => {
    const wrong = pool
      .slice(0, 60)
      .flatMap(({ oracle, pattern }) =>
        paths
          .filter((path) => patternMatches(pattern, path, policy) !== oracle.matches(path))
          .map((path) => `${oracle.text}  ${path}`),
      );

    expect(wrong.slice(0, 5), `seed ${String(seed)}`).toEqual([]);
  });

  test("names a prefix at or below which every match lies", () => {
    const wrong = pool
      .slice(0, 300)
      .filter(({ pattern, oracle }) => {
        const prefix = literalPrefix(pattern);
        const isBelow = (path: string): boolean =>
          prefix === "" ||
          `${foldWhen(caseInsensitive, path)}/`.startsWith(`${foldWhen(caseInsensitive, prefix)}/`);
        return paths.some((path) => oracle.matches(path) && !isBelow(path));
      })
      .map(({ oracle }) => oracle.text);

    expect(wrong.slice(0, 5), `seed ${String(seed)}`).toEqual([]);
  });

  /** A claimed meeting must show a path, and the oracle must find it in both. */
  function isWitnessed(one: Tried, other: Tried): boolean {
    const path = commonPath(one.pattern, other.pattern, policy);
    return path !== null && one.oracle.matches(path) && other.oracle.matches(path);
  }
});

function overlaps(one: Tried, other: Tried): boolean {
  return one.found.some((bits, index) => (bits & (other.found[index] ?? 0)) !== 0);
}

function tryPattern(oracle: OraclePattern): Tried {
  const found = new Uint32Array(Math.ceil(paths.length / 32));
  for (const [index, path] of paths.entries()) {
    if (oracle.matches(path)) {
      found[index >>> 5] = (found[index >>> 5] ?? 0) | (1 << (index & 31));
    }
  }
  return { oracle, pattern: parsePathPattern(oracle.text), found };
}

function foldWhen(caseInsensitive: boolean, text: string): string {
  return caseInsensitive ? text.toLowerCase() : text;
}

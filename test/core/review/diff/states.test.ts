import { describe, expect, test } from "vitest";

import {
  carryStates,
  distinctFingerprints,
  fingerprintOf,
  fuzzyKeyOf,
} from "../../../../src/core/review/index.ts";
import type { Finding, StateOutcome } from "../../../../src/core/review/index.ts";
import { aClaim, aFile, aFinding, aHunk } from "../../../support/review.ts";

function found(finding: Partial<Finding> = {}): Finding {
  const whole = aFinding(finding);
  return { ...whole, fingerprint: fingerprintOf(whole) };
}

const files = [aFile({ hunks: [aHunk(1, [" one", "-two", "+deux", "+trois"])] })];

function states({
  live,
  fixed,
  declined,
}: StateOutcome): Readonly<Record<string, readonly string[]>> {
  return {
    live: live.map(({ state }) => state),
    fixed: fixed.map(({ state }) => state),
    declined: declined.map(({ state }) => state),
  };
}

describe("fingerprintOf", () => {
  const claim = aClaim({ quoted: "if (x) {\n  stop();" });

  test.each([
    ["lines", { line: 90, endLine: 91 }],
    ["words", { title: "Other", body: "words" }],
    ["spacing", { quoted: "  if (x)  {\n\n\tstop();\r\n" }],
    ["a category of the same family", { category: "concurrency" as const }],
    ["severity", { severity: "low" as const }],
    ["symbol, when code is quoted", { symbol: "f" }],
  ])("does not depend on %s", (...[, odd]) => {
    expect(fingerprintOf({ ...claim, ...odd })).toBe(fingerprintOf(claim));
  });

  test.each([
    ["path", { path: "b.ts" }],
    ["code", { quoted: "if (y) {\n  stop();" }],
    ["family", { category: "style" as const }],
  ])("depends on %s", (...[, odd]) => {
    expect(fingerprintOf({ ...claim, ...odd })).not.toBe(fingerprintOf(claim));
  });

  test("takes the symbol, else the title's words, where no code is quoted", () => {
    const bare = aClaim({ quoted: "" });

    expect(fingerprintOf({ ...bare, title: "rounded is the total not" })).not.toBe(
      fingerprintOf({ ...bare, title: "something else" }),
    );
    expect(fingerprintOf({ ...bare, symbol: "f", title: "x" })).toBe(
      fingerprintOf({ ...bare, symbol: "f", title: "y" }),
    );
  });

  test("has a looser key for a quote of another extent", () => {
    expect(fuzzyKeyOf({ ...claim, quoted: "stop();\nif (x) { // always" })).not.toBe(
      fuzzyKeyOf(claim),
    );
    expect(fuzzyKeyOf({ ...claim, quoted: "if (x) {" })).toBe(fuzzyKeyOf(claim));
  });

  test("tells two of the same in one review apart", () => {
    const prints = distinctFingerprints([found(), found(), found()]).map(
      (each) => each.fingerprint,
    );

    expect(new Set(prints).size).toBe(3);
    expect(prints[0]).toBe(found().fingerprint);
  });
});

describe("carryStates", () => {
  test("calls a first sight new and a second open, with the worse severity", () => {
    const previous = [found({ severity: "critical", line: 9 })];

    const { live } = carryStates({ previous, current: [found({ severity: "low" })], files });

    expect(live).toMatchObject([{ state: "open", severity: "critical", line: 2 }]);
    expect(states(carryStates({ previous: [], current: previous, files }))).toMatchObject({
      live: ["new"],
    });
  });

  test("keeps open what a panel overlooks while its code stands, and calls it fixed when that is gone", () => {
    const previous = [found(), found({ quoted: "gone();" }), found({ quoted: "two" })];

    const outcome = carryStates({ previous, current: [], files });

    expect(outcome.live.map(({ quoted }) => quoted)).toEqual(["deux"]);
    expect(outcome.fixed.map(({ quoted }) => quoted)).toEqual(["gone();", "two"]);
  });

  test("places what a panel overlooks where its code stands now, and where that is not one place not at all", () => {
    const moved = [aFile({ hunks: [aHunk(8, [" one", "+deux", "+trois", "-trois", "+quatre"])] })];
    const twice = [aFile({ hunks: [aHunk(8, ["+deux", "+trois", "+deux"])] })];
    const kept = found({ placement: "file", line: 2, endLine: 2 });
    const places = (previous: Finding, changed: typeof moved): readonly unknown[] =>
      carryStates({ previous: [previous], current: [], files: changed }).live.map(
        ({ line, endLine, placement }) => [placement, line, endLine],
      );

    expect(places(kept, moved)).toEqual([["line", 9, 9]]);
    expect(places(kept, twice)).toEqual([["file", 2, 2]]);
    expect(places(found({ line: 9, endLine: 9 }), twice)).toEqual([["line", 8, 8]]);
    expect(places(found({ quoted: "deux\ntrois", line: 2, endLine: 3 }), moved)).toEqual([
      ["line", 9, 10],
    ]);
  });

  test("keeps silent about what was declined until its lines change", () => {
    const previous = [found({ state: "declined", quoted: "deux\ntrois" })];
    const again = found({ quoted: "deux\ntrois" });
    const wider = found({ quoted: "  deux\n\ntrois\n" });
    const changed = [aFile({ hunks: [aHunk(1, ["+deux()", "+trois"])] })];

    expect(states(carryStates({ previous, current: [again], files }))).toEqual({
      live: [],
      fixed: [],
      declined: ["declined"],
    });
    expect(carryStates({ previous, current: [wider], files }).live).toEqual([]);
    expect(carryStates({ previous, current: [found({ quoted: "trois" })], files }).live).toEqual(
      [],
    );
    expect(
      states(carryStates({ previous, current: [found({ quoted: "trois" })], files: changed }))[
        "live"
      ],
    ).toEqual(["new"]);
  });

  test("remembers what was declined although nobody finds it", () => {
    const previous = [found({ state: "declined", quoted: "gone();" })];

    expect(carryStates({ previous, current: [], files }).declined).toHaveLength(1);
  });

  test("drops what was fixed before, and calls it new when it returns", () => {
    const previous = [found({ state: "fixed" })];

    expect(states(carryStates({ previous, current: [], files }))["fixed"]).toEqual([]);
    expect(states(carryStates({ previous, current: [found()], files }))["live"]).toEqual(["new"]);
  });

  test("pairs by the fingerprint before it pairs by likeness", () => {
    const narrow = found({ id: "F1", quoted: "trois" });
    const wide = found({ id: "F2", quoted: "trois\nx" });

    const { live, fixed } = carryStates({ previous: [narrow], current: [wide, narrow], files });

    expect(live.map(({ id, state }) => [id, state])).toEqual([
      ["F2", "new"],
      ["F1", "open"],
    ]);
    expect(fixed).toEqual([]);
  });
});

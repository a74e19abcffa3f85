import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readClaims } from "../../src/core/review/replies/claims.ts";
import { readVotes } from "../../src/core/review/replies/votes.ts";
import { garbageReplies } from "../support/garbage-replies.ts";
import { proofRun } from "../support/proof.ts";

const asked = new Set(["c1", "c2"]);
const confirms = (text: string): readonly string[] =>
  readVotes({ text, object: null }, asked)
    .votes.filter(({ vote }) => vote === "confirm")
    .map(({ cluster }) => cluster);

describe("R19: replies that are garbage", () => {
  test("there are 300 of them or more", () => {
    expect(new Set(garbageReplies.map(({ text }) => text)).size).toBeGreaterThanOrEqual(300);
  });

  test("none counts as a confirm", () => {
    expect(garbageReplies.filter(({ text }) => confirms(text).length > 0)).toEqual([]);
  });

  test("none is a claim, and none crashes the reader of claims", () => {
    expect(garbageReplies.filter(({ text }) => readClaims(text, null).claims.length > 0)).toEqual(
      [],
    );
  });

  test("no cut of a good reply confirms what its item does not say in full", () => {
    const first = '{"votes":[{"id":"c1","vote":"reject","reason":"a } and a \\" in it"},';
    const whole = `${first}{"id":"c2","vote":"confirm","reason":"b"}]}`;
    for (let length = 0; length <= whole.length; length += 1) {
      const isComplete = length >= whole.length - 2;

      expect(confirms(whole.slice(0, length))).toEqual(isComplete ? ["c2"] : []);
    }
  });

  const { count, seed } = proofRun("R19", 300, 19);
  test(`mutations of replies never crash and never confirm what was rejected, ${String(count)} runs`, () => {
    const honest =
      '{"votes":[{"id":"c1","vote":"reject","reason":"no"},{"id":"c2","vote":"abstain"}]}';
    const cut = fc.record({
      from: fc.nat(honest.length),
      length: fc.nat(20),
      text: fc.string({ maxLength: 12 }).filter((text) => !/confirm/iu.test(text)),
    });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 6 }), (cuts) => {
        let text = honest;
        for (const { from, length, text: other } of cuts) {
          text = text.slice(0, from) + other + text.slice(from + length);
        }

        expect(confirms(text)).toEqual([]);
        expect(readClaims(text, null).claims).toEqual([]);
      }),
      { numRuns: count, seed },
    );
  });
});

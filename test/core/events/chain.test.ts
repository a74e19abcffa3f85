import { describe, expect, test } from "vitest";
import { checkChain, genesisHash, hashAfter } from "../../../src/core/events/chain.ts";
import { textOf } from "../../../src/core/events/stored-text.ts";
import type { StoredEvent } from "../../../src/core/events/stored-text.ts";

const start = { seq: 0, hash: genesisHash };

function aChain(length: number): StoredEvent[] {
  const lines: StoredEvent[] = [];
  let before = genesisHash;
  for (let seq = 1; seq <= length; seq += 1) {
    const kind = "task.claimed";
    const text = textOf(
      { kind, actor: "system", cause: null, data: { number: seq }, changes: [] },
      { seq, atMs: seq * 10, by: null },
    );
    before = hashAfter(before, text);
    lines.push({ seq, at_ms: seq * 10, kind, text, hash: before });
  }
  return lines;
}

/** The line at a place, changed. */
function tampered(lines: StoredEvent[], at: number, odd: Partial<StoredEvent>): StoredEvent[] {
  return lines.map((line, index) => (index === at ? { ...line, ...odd } : line));
}

describe("checkChain", () => {
  test("finds nothing in a whole chain and tells its end", () => {
    const lines = aChain(20);

    expect(checkChain(lines, start)).toEqual({
      end: { seq: 20, hash: lines[19]?.hash },
      faults: [],
    });
  });

  test("finds a removed line", () => {
    const lines = aChain(5);

    expect(checkChain(lines.toSpliced(2, 1), start).faults).toMatchObject([
      { seq: 4, fault: "gap" },
    ]);
  });

  test("finds any edited line, swapped lines and a renamed kind", () => {
    const lines = aChain(50);
    for (let at = 0; at < lines.length; at += 1) {
      const text = lines[at]?.text.replace('"number":', '"nuMber":') ?? "";
      expect(checkChain(tampered(lines, at, { text }), start).faults[0]).toMatchObject({
        seq: at + 1,
        fault: "hash",
      });
    }
    for (const odd of [{ kind: "task.done" }, { at_ms: 41 }]) {
      expect(checkChain(tampered(lines, 3, odd), start).faults).toMatchObject([
        { seq: 4, fault: "text" },
      ]);
    }
  });

  test("finds a text that is chained rightly and is not that of an event", () => {
    const text = '{"seq":1,"at":10,"kind":"task.claimed","actor":"nobody"}';
    const line = {
      seq: 1,
      at_ms: 10,
      kind: "task.claimed",
      text,
      hash: hashAfter(genesisHash, text),
    };

    expect(checkChain([line], start).faults).toMatchObject([{ seq: 1, fault: "text" }]);
  });

  test("holds nothing against a form that it does not know yet", () => {
    const text = '{"seq":1,"at":10,"kind":"task.claimed","news":[],"v":3}';
    const line = {
      seq: 1,
      at_ms: 10,
      kind: "task.claimed",
      text,
      hash: hashAfter(genesisHash, text),
    };

    expect(checkChain([line], start).faults).toEqual([]);
  });

  test("finds an event written anew with a fitting hash of its own", () => {
    const lines = aChain(3);
    const text = lines[1]?.text.replace('"number":2', '"number":9') ?? "";
    const forged = tampered(lines, 1, { text, hash: hashAfter(lines[0]?.hash ?? "", text) });

    expect(checkChain(forged, start).faults).toMatchObject([{ seq: 3, fault: "hash" }]);
  });
});

import { describe, expect, test } from "vitest";
import { deflateRawSync } from "node:zlib";
import { genesisHash } from "../../../src/core/events/chain.ts";
import type { EventDraft } from "../../../src/core/events/event.ts";
import { parseEvent, textOf } from "../../../src/core/events/stored-text.ts";
import type { StoredEvent } from "../../../src/core/events/stored-text.ts";

const place = { seq: 7, atMs: 70, by: null };

function aDraft(odd: Partial<EventDraft> = {}): EventDraft {
  return {
    kind: "task.claimed",
    actor: "session:s1",
    cause: 3,
    data: { number: 1 },
    changes: [{ entity: "task", id: "p/T1", set: { status: "claimed" } }],
    ...odd,
  };
}

function aLine(text: string): StoredEvent {
  return { seq: 7, at_ms: 70, kind: "task.claimed", text, hash: "aa" };
}

describe("parseEvent", () => {
  test("reads back what was written, with who asked for it", () => {
    const by = { principal: "token:t3", name: "ci", action: "tool:next_task" };

    const event = parseEvent(aLine(textOf(aDraft(), { ...place, by })), genesisHash);

    expect(event).toEqual({
      ...aDraft(),
      seq: 7,
      atMs: 70,
      by,
      prevHash: genesisHash,
      hash: "aa",
    });
  });

  test("reads a text of the first form, which has no version", () => {
    const text = JSON.stringify({ seq: 7, at: 70, ...aDraft() });

    expect(parseEvent(aLine(text), genesisHash)).toMatchObject({ ...aDraft(), by: null });
  });

  test("names the number of an event that a newer Skein wrote", () => {
    const line = aLine('{"seq":7,"at":70,"kind":"a.b","v":3}');

    expect(() => parseEvent(line, "")).toThrow(
      "Event 7 has form 3; this Skein reads forms up to 2.",
    );
  });

  test.each([
    "",
    "null",
    "[]",
    "{",
    '{"seq":7}',
    JSON.stringify({ seq: 7, at: 70, ...aDraft(), actor: "nobody" }),
    JSON.stringify({ seq: 7, at: 70, ...aDraft(), changes: [{ entity: "task", id: 3, set: {} }] }),
    JSON.stringify({ seq: 7, at: 70, ...aDraft(), data: [] }),
    JSON.stringify({ seq: 7, at: 70, ...aDraft(), cause: "3" }),
    JSON.stringify({ seq: 7, at: 70, ...aDraft(), by: { principal: 1 } }),
    JSON.stringify({ seq: 7.5, at: 70, ...aDraft() }),
    '{"seq":7,"at":70,"kind":"a.b","z":"%%%","v":2}',
    '{"seq":7,"at":70,"kind":"a.b","z":7,"v":2}',
  ])("refuses %s", (text) => {
    expect(() => parseEvent(aLine(text), "")).toThrow("is not the text of an event");
  });

  test("refuses a text that unfolds to more than any event has", () => {
    const z = deflateRawSync(Buffer.alloc(64 * 1_024 * 1_024, " ")).toString("base64");

    expect(() => parseEvent(aLine(`{"seq":7,"at":70,"kind":"a.b","z":"${z}","v":2}`), "")).toThrow(
      "is not the text of an event",
    );
  });
});

describe("textOf", () => {
  const spec = "Move the parser into a module of its own and keep its tests green. ".repeat(200);

  test("folds what is long to less than half, and leaves number, time and kind readable", () => {
    const draft = aDraft({ data: { spec } });

    const text = textOf(draft, place);

    expect(text.length).toBeLessThan(spec.length / 2);
    expect(text).toMatch(/^\{"seq":7,"at":70,"kind":"task.claimed","z":"/u);
    expect(parseEvent(aLine(text), genesisHash)).toMatchObject(draft);
  });

  test.each([1, 200])("writes what a database keeps for half of a character, %i times", (times) => {
    const draft = aDraft({ data: { spec: `${"a\u{D800}b\u{1F9F6} ".repeat(times)}${spec}` } });

    const { data } = parseEvent(aLine(textOf(draft, place)), genesisHash);

    expect(data).toEqual({ spec: `${"a\u{FFFD}b\u{1F9F6} ".repeat(times)}${spec}` });
  });

  test("leaves a long text as it is where folding gains nothing", () => {
    const noise = Array.from({ length: 4_000 }, (_none, index) =>
      String.fromCodePoint(0x4e00 + ((index * 7_919) % 20_000)),
    ).join("");
    const draft = aDraft({ data: { noise } });

    const text = textOf(draft, place);

    expect(text).toContain('"data":');
    expect(parseEvent(aLine(text), genesisHash)).toMatchObject(draft);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseTranscript } from "../../../../src/core/costs/index.ts";
import {
  claudeFirstLine,
  claudeLine,
  claudeSession,
  codexCount,
  codexMeta,
  codexSession,
  codexTurn,
} from "./records.ts";

const text = (...lines: readonly string[]): string => lines.join("\n");

describe("parseTranscript of Claude Code", () => {
  test("counts an answer once, with the usage of its last line", () => {
    const record = parseTranscript(
      text(
        claudeFirstLine,
        claudeLine({ id: "msg_1", usage: { output_tokens: 1 } }),
        claudeLine({ id: "msg_1", usage: { output_tokens: 25 } }),
        claudeLine({ id: "msg_2", model: "claude-haiku-4-5" }),
      ),
    );

    expect(record).toMatchObject({
      host: "claude",
      session: claudeSession,
      cwd: "/repo",
      faults: 0,
    });
    expect(record.uses).toEqual([
      {
        id: "claude:msg_1",
        model: "claude-opus-5",
        atMs: Date.UTC(2026, 10, 20, 10),
        inputTokens: 10,
        outputTokens: 25,
        cacheReadTokens: 300,
        cacheWriteTokens: 40,
      },
      expect.objectContaining({ id: "claude:msg_2", model: "claude-haiku-4-5" }),
    ]);
  });

  test("passes over what Claude Code says itself, what people say, and torn lines", () => {
    const torn = claudeLine({ id: "msg_3" }).slice(0, -20);
    const record = parseTranscript(
      text(claudeFirstLine, claudeLine({ id: "msg_1", model: "<synthetic>" }), "", "[]", "7", torn),
    );

    expect(record).toMatchObject({ uses: [], faults: 0, session: claudeSession });
  });

  test.each([-1, 1.5, "7", 1e30, null, [], {}])(
    "does not believe a count of %j, and says so",
    (count) => {
      const line = claudeLine({ id: "msg_1", usage: { input_tokens: count } });
      const record = parseTranscript(text(line, claudeLine({ id: "msg_2" })));

      const isNone = count === null;
      expect(record.faults).toBe(isNone ? 0 : 1);
      expect(record.uses).toHaveLength(isNone ? 2 : 1);
    },
  );
});

describe("parseTranscript of Codex", () => {
  test("counts what the sums grew by, with cached tokens apart, and a repeated sum once", () => {
    const first = { input: 1_000, cached: 400, output: 50 };
    const second = { input: 3_000, cached: 1_900, output: 80 };
    const record = parseTranscript(
      text(
        codexMeta(),
        codexTurn(),
        codexCount(first),
        codexCount(first),
        codexTurn("gpt-5.5"),
        codexCount(second, { input: 2_000, cached: 1_500, output: 30 }),
      ),
    );

    expect(record).toMatchObject({ host: "codex", session: codexSession, cwd: "/repo", faults: 0 });
    expect(record.uses).toMatchObject([
      { model: "gpt-5.3-codex", inputTokens: 600, cacheReadTokens: 400, outputTokens: 50 },
      { model: "gpt-5.5", inputTokens: 500, cacheReadTokens: 1_500, outputTokens: 30 },
    ]);
    expect(new Set(record.uses.map(({ id }) => id)).size).toBe(2);
  });

  test("takes the last answer's own counts where a session goes on from another, or the sums fall", () => {
    const own = { input: 10, cached: 0, output: 5 };
    const record = parseTranscript(
      text(
        codexMeta(),
        codexCount({ input: 9_000, cached: 0, output: 900 }, own),
        codexCount({ input: 40, cached: 0, output: 6 }, own),
      ),
    );

    expect(record.uses).toMatchObject([
      { inputTokens: 10, outputTokens: 5 },
      { inputTokens: 10, outputTokens: 5 },
    ]);
  });

  test("passes over rate limits without counts, and does not believe more cached than read", () => {
    const limits = JSON.stringify({
      type: "event_msg",
      payload: { type: "token_count", info: null, rate_limits: {} },
    });
    const record = parseTranscript(
      text(codexMeta(), limits, codexCount({ input: 1, cached: 2, output: 1 })),
    );

    expect(record).toMatchObject({ uses: [], faults: 1 });
  });
});

describe("parseTranscript", () => {
  test("never fails, and believes only whole counts, whatever the text", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.constantFrom(claudeFirstLine, codexMeta(), codexTurn(), '{"__proto__":{"usage":1}}'),
      fc.json().map((usage) => `{"type":"assistant","message":{"id":"m","usage":${usage}}}`),
      fc
        .json()
        .map((info) => `{"type":"event_msg","payload":{"type":"token_count","info":${info}}}`),
      fc
        .tuple(
          fc.constantFrom(claudeLine({ id: "m" }), codexCount({ input: 1, cached: 0, output: 1 })),
          fc.nat(),
        )
        .map(([whole, at]) => whole.slice(0, at % whole.length)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        for (const use of parseTranscript(lines.join("\n")).uses) {
          const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = use;
          for (const count of [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens]) {
            expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, test } from "vitest";

import { catalog } from "../../src/mcp/index.ts";
import { argumentError } from "../../src/mcp/reply.ts";
import type { AnyTool } from "../../src/mcp/tool.ts";

interface Wrong {
  readonly tool: string;
  readonly input: unknown;
  readonly says: string;
}

const wrongs: readonly Wrong[] = [
  {
    tool: "review_changes",
    input: { preset: "strict" },
    says: '`preset` takes one of "critical", "balanced", "fast", "quick".',
  },
  {
    tool: "review_changes",
    input: { budget_usd: -1 },
    says: "`budget_usd` takes a number of at least 0.",
  },
  { tool: "review_changes", input: { budget_usd: "x" }, says: "`budget_usd` takes a number." },
  { tool: "claim_files", input: { paths: 5 }, says: "`paths` takes a list." },
  { tool: "claim_files", input: { paths: [] }, says: "`paths` takes a list of at least 1 entry." },
  { tool: "claim_files", input: {}, says: "`paths` is missing; it takes a list." },
  { tool: "look", input: { at: "moon" }, says: '`at` takes one of "board", "plan"' },
  { tool: "finish_task", input: {}, says: "`task` is missing; it takes a text (and 3 more)." },
  { tool: "finish_task", input: "x", says: "The call takes an object." },
];

const values = [null, [], {}, "", "x".repeat(5_000), -1, 1e300, 1.5, true, [[]], [{}]];

function messagesOf(tool: AnyTool, input: unknown): readonly string[] {
  const prepared = tool.prepare(input);
  if (prepared.kind === "ready") {
    return [];
  }
  const { message, facts } = argumentError(prepared.issues, Object.keys(tool.input.shape));
  const problems: unknown = facts["problems"];
  return [message, ...(Array.isArray(problems) ? problems.map(String) : [])];
}

describe("an argument that does not fit", () => {
  test.each(wrongs)("is told with what is allowed: $tool $input", ({ tool, input, says }) => {
    const found = catalog.get(tool);

    expect(found === undefined ? [] : messagesOf(found, input)[0]).toContain(says);
  });

  test("is told in words of its own, whatever stands at whatever place", () => {
    let told = 0;
    for (const tool of catalog.values()) {
      const messages = Object.keys(tool.input.shape)
        .flatMap((field) => values.map((value) => ({ [field]: value })))
        .flatMap((input) => messagesOf(tool, input));
      for (const message of messages) {
        told += 1;
        expect(message).not.toMatch(/Invalid|expected|received|Too (?:small|big)|undefined/u);
      }
    }
    expect(told).toBeGreaterThan(200);
  });
});

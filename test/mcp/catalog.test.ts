import { describe, expect, test } from "vitest";
import { listTools, reviewedToolsHash, toolsHash } from "../../src/mcp/index.ts";
import { instructions } from "../../src/mcp/instructions.ts";

const tools = listTools();

/** Measured on this list: 4.2 characters a token with o200k_base, 4.4 with cl100k_base. */
const charsPerToken = 4;

describe("listTools", () => {
  test("has the ten tools of the contract, in a stable order", () => {
    expect(tools.map(({ name }) => name)).toEqual([
      "next_task",
      "update_task",
      "finish_task",
      "claim_files",
      "release_files",
      "look",
      "send_message",
      "propose_plan",
      "ask_human",
      "review_changes",
    ]);
  });

  test("costs an agent at most 3,000 tokens", () => {
    expect(JSON.stringify(tools).length / charsPerToken).toBeLessThanOrEqual(3_000);
  });

  test("says exactly what was reviewed", () => {
    expect(toolsHash(tools)).toBe(reviewedToolsHash);
  });

  describe.each(tools)("$name", (tool) => {
    test("describes itself in at most 300 characters", () => {
      expect(tool.description.length).toBeLessThanOrEqual(300);
      expect(tool.name).toMatch(/^[a-z]+_?[a-z]+$/u);
      expect(tool.title).not.toBe("");
    });

    test("carries every annotation, destroys nothing, and reaches outside only to ask models", () => {
      expect(tool.annotations).toEqual({
        readOnlyHint: tool.name === "look",
        destructiveHint: false,
        idempotentHint: expect.any(Boolean),
        openWorldHint: ["propose_plan", "review_changes"].includes(tool.name),
      });
    });

    test("takes a flat object that allows a session and no unknown field", () => {
      const { inputSchema } = tool;

      expect(inputSchema).toMatchObject({
        type: "object",
        additionalProperties: false,
        properties: { session: { type: "string" } },
      });
      expect(inputSchema).not.toHaveProperty("anyOf");
      expect(inputSchema).not.toHaveProperty("oneOf");
      expect(JSON.stringify(inputSchema)).not.toContain("$ref");
    });

    test("announces an answer that an error fits, too", () => {
      expect(tool.outputSchema).toMatchObject({
        type: "object",
        properties: { session: { type: "string" }, next: { type: "string" } },
      });
      expect(tool.outputSchema).not.toHaveProperty("required");
    });

    test("lets every write bear a key", () => {
      const fields = Object.keys(Object(tool.inputSchema["properties"]));

      expect(fields.includes("key")).toBe(tool.name !== "look");
    });
  });
});

describe("instructions", () => {
  test("say the rule in the first 200 characters, and all within 1 KB", () => {
    const rule = instructions.slice(0, 200);

    for (const word of [
      "Before you edit",
      "next_task",
      "claim_files",
      "finish_task",
      "next says",
    ]) {
      expect(rule).toContain(word);
    }
    expect(Buffer.byteLength(instructions)).toBeLessThanOrEqual(1_024);
  });
});

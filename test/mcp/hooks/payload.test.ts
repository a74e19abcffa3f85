import { describe, expect, it } from "vitest";
import { answerText } from "../../../src/mcp/hooks/answer.ts";
import { editedPaths, patchedPaths } from "../../../src/mcp/hooks/edited-paths.ts";
import { externalIds, parseHookCall } from "../../../src/mcp/hooks/payload.ts";
import type { HookCall, Host } from "../../../src/mcp/hooks/payload.ts";
import { editPayloads } from "./payloads.ts";

function call(host: Host, payload: unknown): HookCall {
  const parsed = parseHookCall(host, "pre-edit", JSON.stringify(payload));
  if (parsed === null) {
    throw new Error("the payload is an object");
  }
  return parsed;
}

describe("parseHookCall", () => {
  it.each(editPayloads)("reads who acts where in a call of $name", ({ host, payload }) => {
    const read = call(host, payload);

    expect(read.hostSession).toBe("0190f7a2-3c5e-7d11-a1b2-9f8e7d6c5b4a");
    expect(read.cwd).toBe("/repo");
  });

  it.each(["", "no json", "[]", "null", '"text"', "12", "{", '{"session_id":'])(
    "takes %j for no call",
    (text) => {
      expect(parseHookCall("claude", "pre-edit", text)).toBeNull();
    },
  );

  it("reads no field from a prototype that the text brings along", () => {
    const text = '{"__proto__":{"session_id":"stolen","tool_input":{"file_path":"/repo/a.ts"}}}';

    const read = parseHookCall("claude", "pre-edit", text);

    expect(read?.hostSession).toBeNull();
    expect(read === null ? [] : editedPaths(read)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, "session_id")).toBe(false);
  });

  it.each([["a b"], ["a:b"], ["../x"], ["x\n"], [""], ["x".repeat(129)], [17], [null], [["a"]]])(
    "takes no id that is odd: %j",
    (id) => {
      expect(call("claude", { session_id: id }).hostSession).toBeNull();
    },
  );

  it("survives a text that nests a hundred thousand deep", () => {
    const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;

    expect(() => parseHookCall("codex", "pre-edit", deep)).not.toThrow();
  });
});

describe("externalIds", () => {
  it("tells a subagent from the agent it works for", () => {
    const main = externalIds(call("claude", { session_id: "u-1" }));
    const sub = externalIds(call("claude", { session_id: "u-1", agent_id: "a7" }));

    expect(main).toEqual({ own: "claude:u-1", parent: null });
    expect(sub).toEqual({ own: "claude:u-1:a7", parent: "claude:u-1" });
  });

  it("names nobody without a session", () => {
    expect(externalIds(call("gemini", { agent_id: "a7" }))).toEqual({ own: null, parent: null });
  });
});

describe("editedPaths", () => {
  it.each(editPayloads)("finds what $name writes", ({ host, payload, paths }) => {
    expect(editedPaths(call(host, payload))).toEqual(paths);
  });

  it("names each path once and at most a thousand of them", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `f${String(index)}.ts`);
    const patch = ["*** Begin Patch", ...many.map((path) => `*** Delete File: ${path}`)].join("\n");

    expect(editedPaths(call("codex", { tool_input: { command: patch } }))).toHaveLength(1_000);
    expect(
      editedPaths(call("claude", { tool_input: { file_path: "a", files: ["a", "b"] } })),
    ).toEqual(["a", "b"]);
  });

  it("skips paths with a zero byte and values that are no text", () => {
    const input = { file_path: "a\0b", notebook_path: 7, files: [1, null, "c.ts"] };

    expect(editedPaths(call("claude", { tool_input: input }))).toEqual(["c.ts"]);
  });
});

describe("patchedPaths", () => {
  it("takes text of the files for no header", () => {
    const patch = [
      "*** Begin Patch",
      "*** Update File: docs/patch.md",
      "@@",
      "-*** Delete File: removed.md",
      "+*** Add File: added.md",
      "*** End Patch",
    ].join("\n");

    expect(patchedPaths(patch)).toEqual(["docs/patch.md"]);
  });

  it("reads Windows line ends and headers with blanks around them, as Codex does", () => {
    const patch =
      "\u0085*** Begin Patch\r\n  *** Add File: a b.ts\r\n+x\r\n\t*** Delete File: c.ts \r\n";

    expect(patchedPaths(patch)).toEqual(["a b.ts", "c.ts"]);
  });

  it("finds nothing in other text", () => {
    expect(patchedPaths("ls -la")).toEqual([]);
    expect(patchedPaths("*** Update File: a.ts")).toEqual([]);
  });
});

describe("answerText", () => {
  it("denies in each host's own words", () => {
    const deny = { kind: "deny", reason: "held" } as const;

    expect(JSON.parse(answerText("claude", "pre-edit", deny) ?? "")).toEqual({
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "deny",
        permissionDecisionReason: "held",
      },
    });
    expect(answerText("codex", "pre-edit", deny)).toBe(answerText("claude", "pre-edit", deny));
    expect(JSON.parse(answerText("gemini", "pre-edit", deny) ?? "")).toEqual({
      decision: "deny",
      reason: "held",
    });
    expect(JSON.parse(answerText("opencode", "pre-edit", deny) ?? "")).toEqual(deny);
  });

  it("prints nothing when there is nothing to say", () => {
    expect(answerText("claude", "pre-edit", { kind: "silent" })).toBeNull();
  });

  it("gives context under the name of the host's event", () => {
    const context = { kind: "context", text: "facts" } as const;

    expect(JSON.parse(answerText("gemini", "post-shell", context) ?? "")).toEqual({
      hookSpecificOutput: { hookEventName: "AfterTool", additionalContext: "facts" },
    });
    expect(JSON.parse(answerText("codex", "session-start", context) ?? "")).toEqual({
      hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: "facts" },
    });
  });

  it("holds an agent back in the form that its host knows", () => {
    const hold = { kind: "hold", reason: "open claim" } as const;

    expect(JSON.parse(answerText("claude", "stop", hold) ?? "")).toEqual({
      decision: "block",
      reason: "open claim",
    });
    expect(JSON.parse(answerText("gemini", "stop", hold) ?? "")).toEqual({
      decision: "deny",
      reason: "open claim",
    });
  });

  it("changes a tool's input where the host lets it", () => {
    const input = { kind: "input", input: { session: "s7_x" } } as const;

    expect(JSON.parse(answerText("claude", "pre-skein", input) ?? "")).toEqual({
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "allow",
        updatedInput: { session: "s7_x" },
      },
    });
    expect(JSON.parse(answerText("gemini", "pre-skein", input) ?? "")).toEqual({
      hookSpecificOutput: { hookEventName: "BeforeTool", tool_input: { session: "s7_x" } },
    });
  });
});

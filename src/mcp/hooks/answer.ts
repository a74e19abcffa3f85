import type { LooseObject } from "../../core/base/loose-object.ts";
import type { Host, HookEvent } from "./payload.ts";

/** What a hook says to its host. */
export type HookAnswer =
  /** Nothing stands in the way, and there is nothing to tell. */
  | { readonly kind: "silent" }
  /** The tool call does not happen; the agent reads why. */
  | { readonly kind: "deny"; readonly reason: string }
  /** The agent reads facts and goes on. */
  | { readonly kind: "context"; readonly text: string }
  /** The agent does not stop yet and reads why. */
  | { readonly kind: "hold"; readonly reason: string }
  /** The tool runs with this input. */
  | { readonly kind: "input"; readonly input: LooseObject }
  /** The person reads a line; the agent goes on. */
  | { readonly kind: "note"; readonly text: string };

/** Nothing to say. */
export const silent: HookAnswer = { kind: "silent" };

const eventNames: Readonly<Record<HookEvent, readonly [claude: string, gemini: string]>> = {
  "session-start": ["SessionStart", "SessionStart"],
  "pre-edit": ["PreToolUse", "BeforeTool"],
  "pre-skein": ["PreToolUse", "BeforeTool"],
  "post-edit": ["PostToolUse", "AfterTool"],
  "post-shell": ["PostToolUse", "AfterTool"],
  stop: ["Stop", "AfterAgent"],
  "subagent-stop": ["SubagentStop", "SubagentStop"],
  "session-end": ["SessionEnd", "SessionEnd"],
};

/** The answer in the host's own form, as JSON text; null when nothing is to be printed. */
export function answerText(host: Host, event: HookEvent, answer: HookAnswer): string | null {
  if (answer.kind === "silent") {
    return null;
  }
  return JSON.stringify(host === "opencode" ? answer : formFor(host, event, answer));
}

type Spoken = Exclude<HookAnswer, { readonly kind: "silent" }>;

function formFor(host: Exclude<Host, "opencode">, event: HookEvent, answer: Spoken): LooseObject {
  const hookEventName = eventNames[event][host === "gemini" ? 1 : 0];
  switch (answer.kind) {
    case "deny":
    case "hold":
    case "input":
      return host === "gemini"
        ? geminiForm(hookEventName, answer)
        : claudeForm(hookEventName, answer);
    case "context":
      return { hookSpecificOutput: { hookEventName, additionalContext: answer.text } };
    case "note":
      return { systemMessage: answer.text };
    default:
      return answer satisfies never;
  }
}

type Decision = Extract<HookAnswer, { readonly kind: "deny" | "hold" | "input" }>;

/** Claude Code's form, which Codex shares. */
function claudeForm(hookEventName: string, answer: Decision): LooseObject {
  switch (answer.kind) {
    case "deny":
      return {
        hookSpecificOutput: {
          hookEventName,
          permissionDecision: "deny",
          permissionDecisionReason: answer.reason,
        },
      };
    case "hold":
      return { decision: "block", reason: answer.reason };
    case "input":
      // Codex takes a changed input only together with the word "allow".
      return {
        hookSpecificOutput: {
          hookEventName,
          permissionDecision: "allow",
          updatedInput: answer.input,
        },
      };
    default:
      return answer satisfies never;
  }
}

function geminiForm(hookEventName: string, answer: Decision): LooseObject {
  return answer.kind === "input"
    ? { hookSpecificOutput: { hookEventName, tool_input: answer.input } }
    : { decision: "deny", reason: answer.reason };
}

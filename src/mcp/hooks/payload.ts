import { ownObject, ownText, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";

/** The programs whose hooks Skein answers. `opencode` is asked through the plugin that `skein init` writes. */
export const hosts = ["claude", "codex", "gemini", "opencode"] as const;

export type Host = (typeof hosts)[number];

/** Moments in a host at which Skein is asked. */
export const hookEvents = [
  "session-start",
  "pre-edit",
  "post-edit",
  "pre-skein",
  "post-shell",
  "stop",
  "subagent-stop",
  "session-end",
] as const;

export type HookEvent = (typeof hookEvents)[number];

/** One call of a hook, as its host describes it. Every field comes from outside and proves nothing. */
export interface HookCall {
  readonly host: Host;
  readonly event: HookEvent;
  /** The host's id of the conversation, at most 128 letters, digits, `.`, `_`, `-`; null when it gave none. */
  readonly hostSession: string | null;
  /** The id of the subagent that acts, or null for the main agent. */
  readonly agent: string | null;
  /** Where the agent stands, or null. */
  readonly cwd: string | null;
  readonly tool: string | null;
  readonly input: LooseObject;
  /** True when the agent goes on only because a stop hook has already held it back. */
  readonly isHeldBack: boolean;
  /** The file in which the host keeps its record of this agent, or null. */
  readonly transcript: string | null;
}

/** The most bytes of standard input that are read: a whole file may be in it. */
export const payloadLimit = 16 * 1024 * 1024;

export function isHost(text: string): text is Host {
  return hosts.some((host) => host === text);
}

export function isHookEvent(text: string): text is HookEvent {
  return hookEvents.some((event) => event === text);
}

/**
 * Tells which host runs the plugin's hooks, which are the same for Claude Code and Codex: Codex numbers its turns and calls its transcripts
 * rollouts.
 */
export function hostOfPlugin(text: string): Host {
  const object = parseLooseObject(text) ?? {};
  const transcript = ownText(object, "transcript_path") ?? "";
  const isCodex =
    ownValue(object, "turn_id") !== undefined || /(?:^|[\\/])rollout-[^\\/]*$/u.test(transcript);
  return isCodex ? "codex" : "claude";
}

/** Reads a host's JSON; null when it is none. */
export function parseHookCall(host: Host, event: HookEvent, text: string): HookCall | null {
  const object = parseLooseObject(text);
  if (object === null) {
    return null;
  }
  return {
    host,
    event,
    hostSession: identifier(ownText(object, "session_id")),
    agent: identifier(ownText(object, "agent_id")),
    cwd: place(ownText(object, "cwd")),
    tool: ownText(object, "tool_name"),
    input: ownObject(object, "tool_input"),
    isHeldBack: ownValue(object, "stop_hook_active") === true,
    transcript: place(
      ownText(object, "agent_transcript_path") ?? ownText(object, "transcript_path"),
    ),
  };
}

/** The ids by which the ledger knows the agent and, for a subagent, the agent it works for. */
export interface ExternalIds {
  readonly own: string | null;
  readonly parent: string | null;
}

/** Names the agent of a call: `claude:UUID`, with `:AGENT` for a subagent. The whole id counts, never a prefix of it. */
export function externalIds({ host, hostSession, agent }: HookCall): ExternalIds {
  if (hostSession === null) {
    return { own: null, parent: null };
  }
  const main = `${host}:${hostSession}`;
  return agent === null ? { own: main, parent: null } : { own: `${main}:${agent}`, parent: main };
}

function identifier(text: string | null): string | null {
  return text !== null && /^[\w.-]{1,128}$/u.test(text) ? text : null;
}

function place(text: string | null): string | null {
  return text === null || text === "" || text.includes("\0") ? null : text;
}

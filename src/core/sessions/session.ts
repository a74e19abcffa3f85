import type { SessionId } from "../base/ids.ts";

/**
 * Where a session stands in its team: `lead` (no parent, asked for the role), `manager`, `worker`; `sub` for any deeper child of a worker.
 */
export type Tier = "lead" | "manager" | "worker" | "sub";

/** What identifies one running process of one host, so that a reused process number is not mistaken for it. */
export interface ProcessStamp {
  readonly host: string;
  readonly bootId: string;
  /** The PID namespace, or an empty text where the system has none. */
  readonly namespace: string;
  readonly pid: number;
  /** The start time that the system reports for the process, as text. */
  readonly startedAt: string;
}

/** Tells whether processes live. Implemented in `adapters/process`. */
export interface ProcessProbe {
  /** The stamp of this very process. */
  self(): ProcessStamp;
  /** The stamp of another process of this host, or null when there is none. */
  stampOf(pid: number): ProcessStamp | null;
  /** False when the process is surely gone; null when this process cannot tell (another host, another namespace). */
  isAlive(stamp: ProcessStamp): boolean | null;
}

/** One running agent. */
export interface Session {
  readonly id: SessionId;
  /** For people; not unique and no authority. */
  readonly name: string;
  /** A free label that messages can be sent to, as `reviewer`; at most 40 characters. */
  readonly role: string;
  readonly tier: Tier;
  /** 0 for a session without a parent, else its parent's depth plus 1. */
  readonly depth: number;
  readonly parent: SessionId | null;
  /** Parents from the nearest to the farthest. */
  readonly ancestors: readonly SessionId[];
  readonly skills: readonly string[];
  /** The host program, as `claude-code`, `codex`, or null. */
  readonly client: string | null;
  /** The id by which its host knows it (`claude:UUID`, with `:AGENT` for a subagent), or null. Unique among living sessions. */
  readonly externalId: string | null;
  readonly process: ProcessStamp | null;
  /** The git directory of its worktree, absolute, or null. */
  readonly gitDir: string | null;
  readonly branch: string | null;
  readonly joinedAtMs: number;
  readonly renewedAtMs: number;
  /** While a tool call runs: the latest time it may last to, or null. */
  readonly callUntilMs: number | null;
  /** True while one of its questions to a person is open: it does not expire. */
  readonly isParked: boolean;
  readonly endedAtMs: number | null;
  readonly endReason: string | null;
  /** The id of the principal that made it, over a server; null: a process that reaches the store itself. */
  readonly principal: string | null;
}

/** What a session is doing, told from facts and never stored. */
export type SessionState = "busy" | "idle" | "waiting" | "stale" | "dead";

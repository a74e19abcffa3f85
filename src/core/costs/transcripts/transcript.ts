import { ownValue } from "../../base/loose-object.ts";
import type { LooseObject } from "../../base/loose-object.ts";
import type { TokenUsage } from "../pricing.ts";

/** One answer of a model, as a host's own record of a session tells it. */
export interface MeasuredUse extends TokenUsage {
  /** Names the answer wherever its record is copied to; it counts once. */
  readonly id: string;
  /** As its provider names it; null where the record does not say. */
  readonly model: string | null;
  /** Epoch milliseconds; null where the record does not say. */
  readonly atMs: number | null;
}

/** A host's record of one session. */
export interface Transcript {
  readonly host: "claude" | "codex";
  /** The host's id of the session; null where the record does not say. */
  readonly session: string | null;
  /** Where the session stood at first; null where the record does not say. */
  readonly cwd: string | null;
  /** In the order of the record. */
  readonly uses: readonly MeasuredUse[];
  /** Lines that tell a usage which cannot be counted. */
  readonly faults: number;
}

/** The largest count that one answer is believed to have: no model reads or writes a tenth of it. */
const mostTokens = 1_000_000_000;

/** Reads a count of tokens: 0 where there is none, null where it is none. */
export function countOf(object: LooseObject, key: string): number | null {
  const value = ownValue(object, key) ?? 0;
  return typeof value === "number" &&
    Number.isSafeInteger(value) &&
    value >= 0 &&
    value <= mostTokens
    ? value
    : null;
}

/** Reads an ISO time; null where there is none. */
export function timeOf(object: LooseObject): number | null {
  const value = ownValue(object, "timestamp");
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}

/** A name from outside: null where it is empty or no text, cut at 100 characters. */
export function nameOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.slice(0, 100) : null;
}

/** A host's id of a session as hooks take it; null for anything else. */
export function sessionIdOf(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,128}$/u.test(value) ? value : null;
}

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

/** The most tokens of one kind that one answer is believed to have: several times what any model reads or writes. */
export const mostOfAnswer = 10_000_000;

/** Reads a count of tokens up to a bound: 0 where there is none, null where it is none. */
export function countOf(object: LooseObject, key: string, most: number): number | null {
  const value = ownValue(object, key) ?? 0;
  const isCount = typeof value === "number" && Number.isSafeInteger(value);
  return isCount && value >= 0 && value <= most ? value : null;
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

/** A folder from outside; null where it cannot be one. */
export function placeOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" && !value.includes("\0") ? value : null;
}

import { isoTime } from "../base/iso.ts";
import { cleanLine, quotedWords, wordOfOthers } from "../base/text.ts";
import type { Lease, Refusal } from "./lease.ts";

/**
 * Who holds a path, for what and until when, as one clause for an agent or a person. The holder's own words are quoted and cut, and so is every
 * name and path that is more than a word: they come from another agent.
 */
export function heldText(refusal: Refusal, nowMs: number): string {
  const { path, holder, holderName, by, untilMs, reason } = refusal;
  const why = cleanLine(reason, 120) === "" ? "" : ` (${quotedWords(reason, 120)})`;
  const until = untilText(untilMs, by?.origin === "landing", nowMs);
  return `${wordOfOthers(path, 300)} is held by ${wordOfOthers(holderName, 40)} (${holder})${workText(by)}${why} ${until}`;
}

/** The time of day, as `14:05 UTC`. */
export function clockText(ms: number): string {
  return `${isoTime(ms).slice(11, 16)} UTC`;
}

function workText(lease: Lease | null): string {
  const task =
    lease === null || lease.task === null ? "" : ` for task ${lease.plan ?? ""}/${lease.task}`;
  const branch = lease?.branch ?? null;
  return branch === null ? task : `${task} on branch ${cleanLine(branch, 60)}`;
}

function untilText(untilMs: number | null, isLanding: boolean, nowMs: number): string {
  if (isLanding) {
    return "until that work is integrated";
  }
  if (untilMs === null) {
    return "while its holder waits for a person";
  }
  const minutes = Math.max(1, Math.ceil((untilMs - nowMs) / 60_000));
  return `until ${clockText(untilMs)} unless renewed (${String(minutes)} min)`;
}

import { heldText } from "../../core/leases/index.ts";
import type { Refusal } from "../../core/leases/index.ts";

/** The most refusals that one answer names; the rest are counted. */
const namedRefusals = 5;

/** Why paths may not be written and what to do instead, for the agent that wanted to. */
export function denialText(refusals: readonly Refusal[], nowMs: number): string {
  const [first] = refusals;
  const paths = JSON.stringify(first === undefined ? [] : [first.path]);
  return [
    refusalText(refusals, nowMs),
    "Nothing was written.",
    `Next: work on another file, or call claim_files {"paths": ${paths}, "wait_seconds": 45} to wait for it.`,
  ].join(" ");
}

/** Who holds what, in sentences. */
export function refusalText(refusals: readonly Refusal[], nowMs: number): string {
  const named = refusals.slice(0, namedRefusals).map((refusal) => `${heldText(refusal, nowMs)}.`);
  const more = refusals.length - named.length;
  return [...named, ...(more > 0 ? [`${String(more)} more paths are held.`] : [])].join(" ");
}

import { counted } from "../rule.ts";
import type { Fact } from "../snapshot.ts";
import type { Ledger, Publication } from "./ledger.ts";

/** What of a ledger counts now. */
export interface UsableLedger {
  readonly publications: readonly Publication[];
  /** Why others do not count. */
  readonly notes: readonly string[];
}

/** Clocks of two machines differ by some minutes; a publication from farther ahead would never grow old. */
const maxAheadMs = 10 * 60_000;

/** The publications that are not too old. A live ledger is always of now. */
export function usableLedger(ledger: Ledger, nowMs: number, maxAgeMs: number): UsableLedger {
  if (ledger.source === "live") {
    return { publications: ledger.publications, notes: [] };
  }
  const publications: Publication[] = [];
  const notes: string[] = ledger.note === undefined ? [] : [ledger.note];
  for (const publication of ledger.publications) {
    const ageMs = nowMs - publication.publishedAtMs;
    if (ageMs > maxAgeMs) {
      notes.push(`A ledger of ${durationText(ageMs)} ago is too old to count.`);
    } else if (ageMs < -maxAheadMs) {
      notes.push(`A ledger is dated ${durationText(-ageMs)} ahead of now and does not count.`);
    } else {
      publications.push(publication);
    }
  }
  return { publications, notes };
}

/** Ends of live leases are told by the clock of the store that keeps them. Null where no live ledger is known. */
export function liveTimeOf(ledger: Fact<Ledger>): number | null {
  return ledger.kind === "known" && ledger.value.source === "live"
    ? (ledger.value.publications[0]?.publishedAtMs ?? null)
    : null;
}

/** Where a statement about a lease comes from, and how old it is. */
export function sourceText(
  { source }: Ledger,
  { publishedAtMs }: Publication,
  nowMs: number,
): string {
  return source === "live"
    ? "live ledger"
    : `ledger published ${durationText(nowMs - publishedAtMs)} ago, advisory`;
}

/** A length of time in its greatest unit, rounded down: `12 minutes`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const units = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ] as const;
  const unit = units.find(([size]) => seconds >= size);
  return unit === undefined
    ? counted(seconds, "second")
    : counted(Math.floor(seconds / unit[0]), unit[1]);
}

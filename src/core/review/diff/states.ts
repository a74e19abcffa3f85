import { severities } from "../candidate.ts";
import type { Severity } from "../candidate.ts";
import type { ChangedFile } from "../change.ts";
import type { Finding, FindingState } from "../finding.ts";
import { anchorClaim } from "./anchor.ts";
import { findQuoted } from "./find-quoted.ts";
import type { Occurrence } from "./find-quoted.ts";
import { fuzzyKeyOf } from "./fingerprint.ts";

export interface StateRequest {
  /** Of the last review of this branch or pull request, with their states. */
  readonly previous: readonly Finding[];
  readonly current: readonly Finding[];
  /** The change under review now. */
  readonly files: readonly ChangedFile[];
}

/** All findings of this review and the last, each once; those that were fixed before are dropped. */
export interface StateOutcome {
  /** `new` and `open`. */
  readonly live: readonly Finding[];
  /** Seen before, and gone with their code. */
  readonly fixed: readonly Finding[];
  /** Declined by a person, and their lines are as they were: not to be shown. */
  readonly declined: readonly Finding[];
}

/**
 * Carries states over to a new head. A finding seen before is `open` and keeps the worse of its severities. One that nobody found again
 * stays `open` while its code stands in the diff: a panel that overlooks it has not fixed it. A declined one stays silent until its
 * quoted lines change; then it is `new`.
 */
export function carryStates({ previous, current, files }: StateRequest): StateOutcome {
  const pairs = pairUp(previous, current);
  const again = new Set(pairs.values());
  const carried = current.map((finding) => {
    const before = pairs.get(finding);
    return before === undefined ? withState(finding, "new") : carry(finding, before, files);
  });
  const forgotten = previous
    .filter((finding) => finding.state !== "fixed" && !again.has(finding))
    .map((finding) => forget(finding, files));
  const all = [...carried, ...forgotten];
  return {
    live: all.filter(({ state }) => state === "new" || state === "open"),
    fixed: all.filter(({ state }) => state === "fixed"),
    declined: all.filter(({ state }) => state === "declined"),
  };
}

/** Each finding with the earlier one that it is: by fingerprint first, by the looser key among those that are left. */
function pairUp(
  previous: readonly Finding[],
  current: readonly Finding[],
): ReadonlyMap<Finding, Finding> {
  const pairs = new Map<Finding, Finding>();
  const left = new Set(previous);
  for (const keyOf of [({ fingerprint }: Finding) => fingerprint, looseKeyOf]) {
    const byKey = new Map([...left].map((finding) => [keyOf(finding), finding]));
    for (const finding of current) {
      const before = byKey.get(keyOf(finding));
      if (before !== undefined && left.has(before) && !pairs.has(finding)) {
        pairs.set(finding, before);
        left.delete(before);
      }
    }
  }
  return pairs;
}

/** By what its proposer quoted: a correction makes no other finding of it. */
export function looseKeyOf({ original, ...finding }: Finding): string {
  return fuzzyKeyOf({ ...finding, quoted: original?.quoted ?? finding.quoted });
}

function carry(finding: Finding, before: Finding, files: readonly ChangedFile[]): Finding {
  if (before.state === "declined") {
    const isUntouched = before.fingerprint === finding.fingerprint || stands(before, files);
    return withState(finding, isUntouched ? "declined" : "new");
  }
  const severity = worse(finding.severity, before.severity);
  return { ...finding, severity, state: before.state === "fixed" ? "new" : "open" };
}

function forget(finding: Finding, files: readonly ChangedFile[]): Finding {
  if (finding.state === "declined") {
    return finding;
  }
  return stands(finding, files)
    ? { ...finding, ...placeNow(finding, files), state: "open" }
    : withState(finding, "fixed");
}

/**
 * Lines move from head to head. Of one that was kept without its place only the longest quoted line is known: where that stands more than once, none is
 * known to be meant.
 */
function placeNow(
  finding: Finding,
  files: readonly ChangedFile[],
): Pick<Finding, "endLine" | "line" | "placement"> {
  if (finding.placement !== "line" && standing(finding, files).length !== 1) {
    return finding;
  }
  const { line, endLine, placement } = anchorClaim(finding, newSides(finding, files));
  return { line, endLine, placement };
}

/** True while the quoted lines are on the new side of the file's hunks. */
function stands(finding: Finding, files: readonly ChangedFile[]): boolean {
  return standing(finding, files).length > 0;
}

function standing(finding: Finding, files: readonly ChangedFile[]): readonly Occurrence[] {
  return newSides(finding, files).flatMap((file) => findQuoted(file, finding.quoted));
}

/** The file of a finding without the lines that the change took away: these do not count as standing. */
function newSides({ path }: Finding, files: readonly ChangedFile[]): readonly ChangedFile[] {
  return files
    .filter((file) => file.path === path && file.kind !== "deleted")
    .map((file) => ({
      ...file,
      hunks: file.hunks.map((hunk) => ({
        ...hunk,
        lines: hunk.lines.filter(({ newLine }) => newLine !== null),
      })),
    }));
}

/** The worse of two severities. */
export function worse(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) <= severities.indexOf(other) ? one : other;
}

function withState(finding: Finding, state: FindingState): Finding {
  return { ...finding, state };
}

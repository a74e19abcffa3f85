import { cleanLine } from "../base/text.ts";

/** What a rule says of a change. `skipped`: it has nothing to say here. `error`: it could not be judged, which is never green. */
export type RuleResult = "pass" | "fail" | "skipped" | "error";

/** A line of the change, or one of its files, that a rule is about. */
export interface RulePlace {
  /** By the rule's own reading: of a rename it may be the old one. */
  readonly path: string;
  /** Null: the file as a whole. */
  readonly line: number | null;
  /** One sentence, in plain words. */
  readonly says: string;
  /** True: it does not fail the rule. */
  readonly isWarning: boolean;
}

/** A rule's decision, in plain words. Names in them come from outside: whoever shows them escapes them. */
export interface Verdict {
  readonly result: RuleResult;
  /** One sentence. */
  readonly reason: string;
  /** The one next step; null when nothing is to be done. */
  readonly fix: string | null;
  /** What the reason counts, one line each. */
  readonly details: readonly string[];
  /** What does not fail the rule and should be seen all the same. */
  readonly warnings: readonly string[];
  /** Where the change shows it; mostly empty. */
  readonly places: readonly RulePlace[];
}

/** A rule of the policy with what came of it. */
export interface RuleRow extends Verdict {
  /** The name of the policy, or the rule's kind. */
  readonly rule: string;
  readonly kind: string;
  /** Where it stands in the policy, as `1` or `2.or.1`; counted from 1. */
  readonly place: string;
  /** True: its result is shown and does not count. */
  readonly isAdvisory: boolean;
}

/** The most lines of details or warnings, and places, that a row keeps. */
const maxLines = 20;

export function passes(
  reason: string,
  warnings: readonly string[] = [],
  places: readonly RulePlace[] = [],
): Verdict {
  return verdict("pass", { reason, fix: null, warnings, places });
}

export function skips(reason: string, warnings: readonly string[] = []): Verdict {
  return verdict("skipped", { reason, fix: null, warnings });
}

export function cannotJudge(reason: string, fix: string): Verdict {
  return verdict("error", { reason, fix });
}

/** What a failed rule has to say. */
export interface Failing {
  readonly reason: string;
  readonly fix: string;
  readonly details?: readonly string[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly places?: readonly RulePlace[] | undefined;
}

export function fails(failing: Failing): Verdict {
  return verdict("fail", failing);
}

interface Words extends Omit<Failing, "fix"> {
  readonly fix: string | null;
}

/** Whatever a rule says comes out as short lines without anything that cannot be seen. */
function verdict(result: RuleResult, { reason, fix, details, warnings, places }: Words): Verdict {
  return {
    result,
    reason: cleanLine(reason, maxChars),
    fix: fix === null ? null : cleanLine(fix, maxChars),
    details: capped(details ?? []),
    warnings: capped(warnings ?? []),
    places: (places ?? [])
      .slice(0, maxLines)
      .map((place) => ({ ...place, says: cleanLine(place.says, maxChars) })),
  };
}

/** As long as a line gets. */
const maxChars = 1_000;

function capped(lines: readonly string[]): readonly string[] {
  const more = lines.length - maxLines;
  const kept = lines.slice(0, maxLines).map((line) => cleanLine(line, maxChars));
  return more <= 0 ? kept : [...kept, `and ${String(more)} more`];
}

/** `3 files`, `1 file`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

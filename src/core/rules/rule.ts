/** What a rule says of a change. `skipped`: it has nothing to say here. `error`: it could not be judged, which is never green. */
export type RuleResult = "pass" | "fail" | "skipped" | "error";

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

/** The most lines of details or warnings that a row keeps. */
const maxLines = 20;

export function passes(reason: string, warnings: readonly string[] = []): Verdict {
  return { result: "pass", reason, fix: null, details: [], warnings: capped(warnings) };
}

export function skips(reason: string, warnings: readonly string[] = []): Verdict {
  return { result: "skipped", reason, fix: null, details: [], warnings: capped(warnings) };
}

export function cannotJudge(reason: string, fix: string): Verdict {
  return { result: "error", reason, fix, details: [], warnings: [] };
}

/** What a failed rule has to say. */
export interface Failing {
  readonly reason: string;
  readonly fix: string;
  readonly details?: readonly string[] | undefined;
  readonly warnings?: readonly string[] | undefined;
}

export function fails({ reason, fix, details = [], warnings = [] }: Failing): Verdict {
  return { result: "fail", reason, fix, details: capped(details), warnings: capped(warnings) };
}

function capped(lines: readonly string[]): readonly string[] {
  const more = lines.length - maxLines;
  return more <= 0 ? lines : [...lines.slice(0, maxLines), `and ${String(more)} more`];
}

/** `3 files`, `1 file`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

import { standingOfMark } from "../claims.ts";
import type { MarkStanding } from "../claims.ts";
import type { ChoiceOf, Judging } from "../decide.ts";
import { usableLedger } from "../ledger/age.ts";
import type { Publication } from "../ledger/ledger.ts";
import { readMarks } from "../marks.ts";
import type { ClaimMark } from "../marks.ts";
import { pathMatcher, shown } from "../patterns.ts";
import type { Matcher } from "../patterns.ts";
import { counted, fails, passes, skips } from "../rule.ts";
import type { RulePlace, Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";
import type { ChangeCommit } from "../snapshot.ts";
import { tooCostly, touchedOf } from "../touching.ts";
import type { Touching } from "../touching.ts";

/** Commits of claimed tasks stand under a fence that counts and touch what their tasks may touch. Commits without a mark are left alone. */
export function decideFences(
  { maxAgeMs }: ChoiceOf<"fences">,
  { snapshot, policy }: Judging,
): Verdict {
  return judgedBy(snapshot.commits, (commits) => {
    const marked = commits.filter(({ message }) => readMarks(message).length > 0);
    if (marked.length === 0) {
      return passes("No commit says that it was made under a claim.");
    }
    return judgedBy(snapshot.ledger, (ledger) => {
      const { publications, notes } = usableLedger(ledger, snapshot.nowMs, maxAgeMs);
      if (publications.length === 0) {
        return skips("There is no ledger that is new enough to tell the fences.", notes);
      }
      const refused = tooCostly(marked.flatMap((commit) => scopesOf(commit, publications)));
      if (refused !== null) {
        return refused;
      }
      const isExempt = pathMatcher(policy.generated);
      const found = marked.map((commit) => findingsOf(commit, publications, isExempt));
      return verdictOf(found, [...notes, ...found.flatMap(({ unknown }) => unknown)]);
    });
  });
}

/** What the paths of a commit are held against. */
function scopesOf(commit: ChangeCommit, publications: readonly Publication[]): readonly Touching[] {
  return readMarks(commit.message)
    .map((mark) => standingOfMark(mark, publications))
    .flatMap((standing) => (standing.kind === "good" ? [touchingOf(standing, commit.paths)] : []));
}

function touchingOf({ task, publication }: Good, paths: readonly string[]): Touching {
  return { patterns: task.scope ?? [], paths, caseInsensitive: publication.caseInsensitive };
}

type Good = Extract<MarkStanding, { readonly kind: "good" }>;

interface Findings {
  readonly stale: readonly string[];
  readonly outside: readonly RulePlace[];
  readonly unknown: readonly string[];
}

function findingsOf(
  commit: ChangeCommit,
  publications: readonly Publication[],
  isExempt: Matcher,
): Findings {
  const marks = readMarks(commit.message).map((mark) => ({
    mark,
    standing: standingOfMark(mark, publications),
  }));
  const name = commit.sha.slice(0, 12);
  const linesOf = (kind: MarkStanding["kind"], words: (mark: ClaimMark) => string) =>
    marks.filter(({ standing }) => standing.kind === kind).map(({ mark }) => words(mark));
  return {
    stale: linesOf(
      "stale",
      ({ task, fence }) =>
        `${name} was made for ${task} under fence ${String(fence)}, which is over`,
    ),
    unknown: linesOf(
      "unknown",
      ({ task, fence }) =>
        `${name}: no ledger knows ${task} under fence ${String(fence)}; it may be older than the commit`,
    ),
    outside: outsideOf(commit, marks, isExempt),
  };
}

interface Standing {
  readonly mark: ClaimMark;
  readonly standing: MarkStanding;
}

/** A path must be in the scope of one of the commit's tasks. An unknown or stale one says nothing of scopes. */
function outsideOf(
  { sha, paths, isMerge }: ChangeCommit,
  marks: readonly Standing[],
  isExempt: Matcher,
): readonly RulePlace[] {
  const good = marks.flatMap(({ standing }) => (standing.kind === "good" ? [standing] : []));
  if (isMerge || good.length < marks.length || good.some(({ task }) => task.scope === null)) {
    return [];
  }
  const checked = paths.filter((path) => !isExempt(path));
  const inside = new Set(good.flatMap((each) => touchedOf(touchingOf(each, checked))));
  const names = good.map(({ task }) => task.task).join(", ");
  return checked
    .filter((path) => !inside.has(path))
    .map((path) => ({
      path,
      line: null,
      says: `${sha.slice(0, 12)} changes ${shown(path)}, which ${names} may not touch`,
      isWarning: false,
    }));
}

function verdictOf(found: readonly Findings[], warnings: readonly string[]): Verdict {
  const stale = found.flatMap((each) => each.stale);
  const outside = found.flatMap((each) => each.outside);
  if (stale.length + outside.length === 0) {
    return passes(
      `${counted(found.length, "marked commit")}: no fence is over, no file is out of scope.`,
      warnings,
    );
  }
  const reasons = [
    ...(stale.length > 0
      ? [`${counted(stale.length, "fence")} that ${stale.length === 1 ? "is" : "are"} over`]
      : []),
    ...(outside.length > 0
      ? [`${counted(outside.length, "file")} outside of the task's scope`]
      : []),
  ];
  return fails({
    reason: `${reasons.join(" and ")}.`,
    fix:
      stale.length > 0
        ? "Leave those commits on a branch of their own: the task went on under a newer fence."
        : "Claim the files with `claim_files` and commit again, or take them out of the commit.",
    details: [...stale, ...outside.map(({ says }) => says)],
    warnings,
    places: outside,
  });
}

import { safePlain } from "../../core/base/safe-markdown.ts";
import type { Annotation } from "../../core/hosting/index.ts";
import { isPlainPath } from "../../core/pull-reviews/index.ts";
import type { Fact, RulePlace, RuleRow, RulesResult, SizedFile } from "../../core/rules/index.ts";

/** One request of the code host takes so many. */
const mostAnnotations = 50;

/**
 * What the check of the rules says on lines of the head: by rules that fail first, then warnings. The host wants a line where the file as a whole is meant:
 * the first one that the change touches, which people have before them. What is not in the head has none.
 */
export function annotationsOf(
  { rows, deciding }: RulesResult,
  files: Fact<readonly SizedFile[]>,
): readonly Annotation[] {
  const changed = files.kind === "known" ? files.value : [];
  const all = rows.flatMap((row) =>
    row.places.flatMap((place) => {
      const level = levelOf(row, place, deciding);
      const found = level === null ? null : lineOf(place, changed);
      return level === null || found === null
        ? []
        : [annotationOf(row, place, { level, ...found })];
    }),
  );
  const failures = all.filter(({ level }) => level === "failure");
  const warnings = all.filter(({ level }) => level === "warning");
  return [...failures, ...warnings].slice(0, mostAnnotations);
}

/** Null: another rule of an `or` made it good. */
function levelOf(
  { rule, result, isAdvisory }: RuleRow,
  { isWarning }: RulePlace,
  deciding: readonly string[],
): Annotation["level"] | null {
  if (isWarning || isAdvisory) {
    return "warning";
  }
  return result === "fail" && deciding.includes(rule) ? "failure" : null;
}

function lineOf(
  { path, line }: RulePlace,
  changed: readonly SizedFile[],
): Pick<Annotation, "line" | "path"> | null {
  const file = changed.find(
    (each) => each.path === path || (each.kind === "renamed" && each.oldPath === path),
  );
  return file === undefined || file.kind === "deleted" || !isPlainPath(file.path)
    ? null
    : { path: file.path, line: line ?? file.firstLine ?? 1 };
}

function annotationOf(
  { rule, fix }: RuleRow,
  { says, isWarning }: RulePlace,
  at: Pick<Annotation, "level" | "line" | "path">,
): Annotation {
  const next = fix === null || isWarning ? "" : ` ${fix}`;
  return {
    ...at,
    endLine: at.line,
    title: `skein/rules: ${safePlain(rule, 200)}`,
    message: safePlain(`${says}${next}`, 4_000),
  };
}

import type { ChoiceOf, Judging } from "../decide.ts";
import { pathMatcher, shown } from "../patterns.ts";
import { counted, fails, passes } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";
import type { SizedFile } from "../snapshot.ts";

/** The change is small enough to be read, by lines counted locally: a host's own counts stop at some size and say zero. */
export function decideSize(
  { maxLines, maxFiles, except }: ChoiceOf<"size">,
  { snapshot, policy }: Judging,
): Verdict {
  return judgedBy(snapshot.files, (files) => {
    const isExempt = pathMatcher([...policy.generated, ...except]);
    const counting = files.filter(({ path }) => !isExempt(path));
    const lines = counting.reduce((sum, file) => sum + linesOf(file), 0);
    const size = `${counted(lines, "line")} in ${counted(counting.length, "file")}`;
    const over = [
      ...(maxLines !== null && lines > maxLines ? [`${String(maxLines)} lines`] : []),
      ...(maxFiles !== null && counting.length > maxFiles ? [`${String(maxFiles)} files`] : []),
    ];
    return over.length === 0
      ? passes(`${size} change.`)
      : fails({
          reason: `${size} change, more than ${over.join(" and ")}.`,
          fix: "Split it into changes that can be read one by one, or list what a tool writes under `generated`.",
          details: counting
            .toSorted((one, other) => linesOf(other) - linesOf(one))
            .slice(0, 5)
            .map((file) => `${shown(file.path)}: ${counted(linesOf(file), "line")}`),
        });
  });
}

function linesOf({ addedLines, removedLines }: SizedFile): number {
  return (addedLines ?? 0) + (removedLines ?? 0);
}

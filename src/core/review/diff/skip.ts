import { parsePathPattern, patternMatches } from "../../leases/index.ts";
import type { ChangedFile } from "../change.ts";
import type { SkippedFile } from "../review.ts";
import { cutEndless } from "./endless.ts";
import type { CutLine } from "./endless.ts";
import { skipRules } from "./skip-rules.ts";
import type { SkipKind } from "./skip-rules.ts";

/** What a project says about which files are reviewed. Patterns are those of path leases. */
export interface SkipOptions {
  /** Only these are shown to a reviewer. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Reviewed although a built-in rule would skip them, binary files excepted. Default: none. */
  readonly include?: readonly string[] | undefined;
  /** Never shown to a reviewer; outranks `include`. Default: none. */
  readonly exclude?: readonly string[] | undefined;
  /** Exact paths that an earlier review of the subject has seen as they are now: not read again. Default: none. */
  readonly settled?: readonly string[] | undefined;
  /** Lines of diff beyond which a file is skipped. Default: 10 000. */
  readonly maxFileLines?: number | undefined;
}

/** A change's files, parted. The checks still look at all of them. */
export interface SkipOutcome {
  /** As reviewers are shown them: endless lines cut. */
  readonly kept: readonly ChangedFile[];
  /** The lines that are not shown whole. */
  readonly cut: readonly CutLine[];
  readonly skipped: readonly (SkippedFile & { readonly kind: SkipKind })[];
}

const defaultMaxFileLines = 10_000;

/**
 * Parts the files that reviewers are shown from those that they are not, each of these with its reason.
 *
 * @throws {SkeinError} SKN-1501 to SKN-1507 for a pattern that cannot be read.
 */
export function skipFiles(files: readonly ChangedFile[], options: SkipOptions = {}): SkipOutcome {
  const { only, include = [], exclude = [], settled = [] } = options;
  const { maxFileLines = defaultMaxFileLines } = options;
  const asked: Asked = {
    isWanted: only === undefined ? () => true : matcher(only),
    isIncluded: matcher(include),
    isExcluded: matcher(exclude),
    settled: new Set(settled),
    maxFileLines,
  };
  const kept: ChangedFile[] = [];
  const cut: CutLine[] = [];
  const skipped: { path: string; kind: SkipKind; reason: string }[] = [];
  for (const file of files) {
    const verdict = reasonFor(file, asked);
    if (verdict === null) {
      const shown = asked.isIncluded(file.path) ? { file, cut: [] } : cutEndless(file);
      kept.push(shown.file);
      cut.push(...shown.cut);
    } else {
      skipped.push({ path: file.path, ...verdict });
    }
  }
  return { kept, cut, skipped };
}

/** The options, ready to be asked of each file. */
interface Asked {
  readonly isWanted: (path: string) => boolean;
  readonly isIncluded: (path: string) => boolean;
  readonly isExcluded: (path: string) => boolean;
  readonly settled: ReadonlySet<string>;
  readonly maxFileLines: number;
}

interface SkipReason {
  readonly kind: SkipKind;
  readonly reason: string;
}

const excluded: SkipReason = { kind: "excluded", reason: "The project's settings leave it out." };

const settledReason: SkipReason = {
  kind: "settled",
  reason: "It is as the last review of this pull request saw it.",
};

function reasonFor(file: ChangedFile, asked: Asked): SkipReason | null {
  const { path } = file;
  if (asked.isExcluded(path) || !asked.isWanted(path)) {
    return excluded;
  }
  return asked.settled.has(path) ? settledReason : ruleReason(file, asked);
}

function ruleReason(file: ChangedFile, { isIncluded, maxFileLines }: Asked): SkipReason | null {
  const isAsked = isIncluded(file.path);
  const rules = isAsked ? skipRules.filter(isHard) : skipRules;
  const rule = rules.find(({ meets }) => meets(file));
  if (rule !== undefined) {
    return { kind: rule.kind, reason: rule.reason };
  }
  const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  if (lines > maxFileLines && !isAsked) {
    const reason = `It has ${String(lines)} lines of diff, more than ${String(maxFileLines)}.`;
    return { kind: "large", reason };
  }
  return null;
}

/** There is nothing to show of these, whatever the settings say. */
function isHard({ kind }: { readonly kind: SkipKind }): boolean {
  return kind === "binary" || kind === "unchanged";
}

function matcher(texts: readonly string[]): (path: string) => boolean {
  const patterns = texts.map((text) => parsePathPattern(text));
  return (path) =>
    patterns.some((pattern) => patternMatches(pattern, path, { caseInsensitive: false }));
}

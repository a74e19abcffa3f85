import { SkeinError } from "../base/errors.ts";
import { storable } from "../base/text.ts";
import { expandBraces } from "./braces.ts";
import { leaseErrors } from "./errors.ts";
import { compileGlob, hasGlobCharacters, segmentTexts } from "./glob.ts";
import { createMemo } from "../base/memo.ts";
import { checkName, checkStart, normalizePath } from "./path-text.ts";

/** A set of paths inside the repository: root-relative, `/`-separated, NFC, at most 1 KB. */
export interface PathPattern {
  /** `literal` is one path, `dir` a directory and all below it, `glob` what matches `*`, `?`, `**`, `[..]`, `{a,b}`. */
  readonly kind: "literal" | "dir" | "glob";
  /** Normalised text; a `dir` has no trailing slash here, and the whole repository is the `dir` with an empty text. */
  readonly text: string;
}

export interface ParsePathOptions {
  /** What exists at a path from the root, so that `app/[id]/page.tsx` is that file. Default: nothing is known to exist. */
  readonly pathExists?: ((path: string) => "file" | "directory" | null) | undefined;
}

/**
 * Reads a pattern as people and agents write it. What exists is meant literally; else a text that ends in `/` is a directory (with a
 * `*`, `?` or `{a,b}` in it: all that match), one with glob characters a glob, any other one path. `.` is the whole repository.
 *
 * @throws {SkeinError} SKN-1501 to SKN-1507, with what is wrong and how to write it.
 */
export function parsePathPattern(written: string, options: ParsePathOptions = {}): PathPattern {
  const text = normalized.of(written, () => normalizePath(written));
  const existing = text === "" ? "directory" : (options.pathExists?.(text) ?? null);
  return parsed[existing ?? "new"].of(written, () => patternOf(written, text, existing));
}

/** A task's scope is read several times in each claim; what exists may change in between, what a text means does not. */
const normalized = createMemo<string>(4_000);
const parsed = {
  new: createMemo<PathPattern>(4_000),
  file: createMemo<PathPattern>(4_000),
  directory: createMemo<PathPattern>(4_000),
};

function patternOf(
  written: string,
  text: string,
  existing: "file" | "directory" | null,
): PathPattern {
  if (existing !== null) {
    return checkFixed({ kind: existing === "file" ? "literal" : "dir", text });
  }
  return written.endsWith("/") ? directoryOf(text) : pathsOf(text);
}

/** A path as git or the file system names it, taken as it is: what exists may bear a name that a request may not. */
export function literalPath(path: string): PathPattern {
  return { kind: "literal", text: storable(path).normalize("NFC") };
}

/** The pattern as it is shown and stored in events: a directory ends in `/`, the whole repository is `.`. */
export function patternText({ kind, text }: PathPattern): string {
  if (kind !== "dir") {
    return text;
  }
  return text === "" ? "." : `${text}/`;
}

/** The whole segments before the first wildcard: every path of the pattern lies at it or below it. */
export function literalPrefix(pattern: PathPattern): string {
  return pattern.kind === "glob"
    ? globPrefixes.of(pattern.text, () => globPrefix(pattern.text))
    : pattern.text;
}

const globPrefixes = createMemo<string>(4_000);

function globPrefix(text: string): string {
  const heads = expandBraces(text).map((alternative) => {
    const segments = segmentTexts(alternative);
    const end = segments.findIndex((segment) => /[*?[]/u.test(segment));
    return end === -1 ? segments : segments.slice(0, end);
  });
  return heads.reduce(commonHead).join("/");
}

/** A prefix and all directories above it, the root (the empty text) included. */
export function prefixesOf(prefix: string): readonly string[] {
  const prefixes = [""];
  for (let end = prefix.indexOf("/"); end !== -1; end = prefix.indexOf("/", end + 1)) {
    prefixes.push(prefix.slice(0, end));
  }
  return prefix === "" ? prefixes : [...prefixes, prefix];
}

/** Brackets are common in the names of routes and no reason to take a directory for a glob. */
function directoryOf(text: string): PathPattern {
  const isGlob = hasGlobCharacters(text.replaceAll("[", ""));
  return isGlob
    ? checkGlob({ kind: "glob", text: `${text}/**` })
    : checkFixed({ kind: "dir", text });
}

function pathsOf(text: string): PathPattern {
  return hasGlobCharacters(text)
    ? checkGlob({ kind: "glob", text })
    : checkFixed({ kind: "literal", text });
}

function checkFixed(pattern: PathPattern): PathPattern {
  for (const segment of segmentTexts(pattern.text)) {
    checkName(segment, pattern.text);
  }
  return pattern;
}

function checkGlob(pattern: PathPattern): PathPattern {
  compileGlob(pattern.text, { caseInsensitive: false });
  for (const alternative of expandBraces(pattern.text)) {
    const segments = segmentTexts(alternative);
    if (segments.length === 0 || alternative.startsWith("/")) {
      throw new SkeinError(leaseErrors.pathOutside, {
        message: `The glob \`${pattern.text}\` has an alternative that is empty or begins with \`/\`.`,
        facts: { path: pattern.text },
      });
    }
    checkStart(segments.join("/"), pattern.text);
    for (const segment of segments) {
      if (!/[*?[]/u.test(segment)) {
        checkName(segment, pattern.text);
      }
    }
  }
  return pattern;
}

function commonHead(one: readonly string[], other: readonly string[]): readonly string[] {
  const end = one.findIndex((segment, index) => segment !== other[index]);
  return end === -1 ? one : one.slice(0, end);
}

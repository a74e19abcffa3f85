import { existsSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { toRepoGlobs, toRepoPath } from "../adapters/git/index.ts";
import type { Repository } from "../adapters/git/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import { cliErrors } from "./errors.ts";

/**
 * Turns paths as a person writes them, from the folder they stand in, into patterns from the repository's root. Where symbolic links
 * make a difference both the name and what it leads to are meant.
 *
 * @throws {SkeinError} SKN-8951 when one leads out of the repository, SKN-1005 for an empty one.
 */
export function rootPatterns(
  words: readonly string[],
  cwd: string,
  repository: Repository | null,
): readonly string[] {
  if (repository === null) {
    // The caller is elsewhere and has resolved what its disk says; what leads out of the root is refused where patterns are parsed.
    return [...new Set(words.map((word) => word.replace(/^(?:\.\/)+(?=.)/u, "")))];
  }
  return [...new Set(words.flatMap((word) => patternsOf(word, cwd, repository)))];
}

function patternsOf(word: string, cwd: string, { root }: Repository): readonly string[] {
  if (word.trim() === "") {
    throw new SkeinError(cliErrors.badValue, {
      message: "A path is empty.",
      fix: "Give a path or a glob inside the repository.",
      facts: { value: word },
    });
  }
  if (/[*?[\]{}]/u.test(word) && !existsSync(join(cwd, word))) {
    return isAbsolute(word) ? [word] : toRepoGlobs({ root, cwd }, word);
  }
  return toRepoPath({ root, cwd }, word).map((path) => {
    const isFolder = word.endsWith("/") || isDirectory(join(root, path));
    return isFolder && path !== "" ? `${path}/` : path === "" ? "." : path;
  });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

import { SkeinError } from "../../base/errors.ts";
import { diffErrors } from "./errors.ts";

/** SKN-1861 with the place: `index` counts the diff's lines from 0. */
export function syntaxError(index: number, what: string): SkeinError {
  const line = index + 1;
  return new SkeinError(diffErrors.diffSyntax, {
    message: `The diff cannot be read at its line ${String(line)}: ${what}.`,
    facts: { line },
  });
}

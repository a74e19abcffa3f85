import { SkeinError } from "../../core/base/errors.ts";
import { cliErrors } from "../errors.ts";
import { visibleText } from "../visible.ts";

/** What a command writes while a server runs it. */
export interface CapturedOutput {
  /** @throws {SkeinError} SKN-1013 when there is more than is sent; what was written until then is dropped. */
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
  stdout(): string;
  stderr(): string;
}

/** What callers read of one answer is 64 MiB, with all around it. */
export const mostOutput = 60 * 1_024 * 1_024;

/** @param most - How long the output may become as JSON, in characters. */
export function captureOutput(most: number): CapturedOutput {
  const out: string[] = [];
  const err: string[] = [];
  let size = 0;
  return {
    write: (given) => {
      const text = visibleText(given);
      size += JSON.stringify(text).length;
      if (size > most) {
        out.length = 0;
        throw new SkeinError(cliErrors.tooMuchOutput, { facts: { most } });
      }
      out.push(text);
    },
    warn: (line) => {
      err.push(`${visibleText(line)}\n`);
    },
    stdout: () => out.join(""),
    stderr: () => err.join(""),
  };
}

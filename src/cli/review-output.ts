import { markdownOf, reportJson, sarifOf, terminalLines } from "../core/review/index.ts";
import type { ReviewResult, Verdict } from "../core/review/index.ts";
import type { Call } from "./command.ts";
import { readVersion } from "./version.ts";

/** What a review ends with: apart from the codes of failures, so that a script tells a finding from a fault. */
export const verdictCodes: Readonly<Record<Verdict, number>> = {
  pass: 0,
  changes: 20,
  incomplete: 21,
};

/** Prints a result in the form that was asked for, and gives the exit code of its verdict. */
export function printResult(call: Call, result: ReviewResult, isUnfolded = false): number {
  call.io.write(`${textOf(call, result, isUnfolded)}\n`);
  return verdictCodes[result.verdict];
}

/** True when the output is for a program. */
export function isForProgram({ globals, options }: Call): boolean {
  return globals.json || options.flag("sarif") || options.flag("markdown");
}

function textOf({ globals, options }: Call, result: ReviewResult, isUnfolded: boolean): string {
  if (options.flag("sarif")) {
    return JSON.stringify(sarifOf(result, { version: readVersion() }), null, 2);
  }
  if (options.flag("markdown")) {
    return markdownOf(result);
  }
  return globals.json
    ? reportJson(result)
    : terminalLines(result, { hasColour: globals.color, isUnfolded }).join("\n");
}

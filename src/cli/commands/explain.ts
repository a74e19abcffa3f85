import { SkeinError } from "../../core/base/errors.ts";
import type { ErrorEntry } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { Answer, Call } from "../command.ts";
import { errorCatalog } from "../error-catalog.ts";
import { cliErrors } from "../errors.ts";
import { exitCodes } from "../exit.ts";
import { didYouMean } from "../program.ts";

/** `skein explain [SKN-####]`. */
export async function explain({ args }: Call): Promise<Answer> {
  const [given] = args;
  if (given === undefined) {
    return {
      data: { errors: errorCatalog.map(entryData) },
      lines: errorCatalog.map(({ code, title }) => `${code}  ${title}`),
    };
  }
  const code = codeOf(given);
  const entry = errorCatalog.find((each) => each.code === code);
  if (entry === undefined) {
    throw didYouMean(
      new SkeinError(cliErrors.noCode, {
        message: `There is no error ${JSON.stringify(given)}.`,
        facts: { code: given },
      }),
      code,
      errorCatalog.map((each) => each.code),
    );
  }
  return { data: { error: entryData(entry) }, lines: entryLines(entry) };
}

/** `4401`, `skn-4401` and `SKN4401` mean the same. */
function codeOf(given: string): string {
  const digits = /^(?:skn)?-?(\d{4})$/iu.exec(given.trim())?.[1];
  return digits === undefined ? given : `SKN-${digits}`;
}

function entryData({ code, kind, title, cause, fix }: ErrorEntry): JsonObject {
  return { code, kind, exit_code: exitCodes[kind], title, cause, fix };
}

function entryLines({ code, kind, title, cause, fix }: ErrorEntry): readonly string[] {
  return [
    `${code}: ${title}`,
    `  Why:  ${cause}`,
    `  Next: ${fix}`,
    `  Kind: ${kind}; the command ends with ${String(exitCodes[kind])}.`,
  ];
}

import { SkeinError } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import type { ValueSpec } from "./command.ts";
import { cliErrors } from "./errors.ts";

/** Reads the text of an option. @throws {SkeinError} SKN-1005 with what was expected. */
export function readValue(
  text: string,
  option: string,
  spec: Exclude<ValueSpec, { is: "flag" }>,
): string | number {
  switch (spec.is) {
    case "text":
      return readText(text, option);
    case "number":
      return readNumber(text, option, spec);
    case "choice":
      return readChoice(text, option, spec.of);
    default:
      return spec satisfies never;
  }
}

function readText(text: string, option: string): string {
  if (text.trim() === "") {
    throw badValue(option, text, {
      what: "is empty",
      fix: "Give a text with at least one letter.",
    });
  }
  return text;
}

function readNumber(
  text: string,
  option: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const number = /^\d{1,15}$/u.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw badValue(option, text, {
      what: "is not a number that fits",
      fix: `Give a whole number from ${String(min)} to ${String(max)}.`,
    });
  }
  return number;
}

function readChoice(text: string, option: string, of: readonly string[]): string {
  if (of.includes(text)) {
    return text;
  }
  const guess = nearest(text, of);
  throw badValue(option, text, {
    what: "is none of the known words",
    fix: guess === null ? `Use one of: ${of.join(", ")}.` : `Did you mean ${guess}?`,
  });
}

function badValue(option: string, text: string, { what, fix }: Wrong): SkeinError {
  return new SkeinError(cliErrors.badValue, {
    message: `The value ${JSON.stringify(text)} of ${option} ${what}.`,
    fix,
    facts: { option, value: text },
  });
}

interface Wrong {
  readonly what: string;
  readonly fix: string;
}

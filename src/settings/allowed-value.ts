import { entriesOf, isRecord, partsAt } from "./schema-part.ts";
import type { SchemaPart } from "./schema-part.ts";

/** Says what may stand at a place of the file, as `a whole number from 1 to 20`; empty where nothing may. */
export function allowedValue(path: readonly PropertyKey[]): string {
  return anyOfThese(partsAt(path));
}

/** The words among which one may choose at a place; empty where it is no choice of words. */
export function allowedWords(path: readonly PropertyKey[]): readonly string[] {
  return partsAt(path)
    .flatMap(choicesOf)
    .filter((choice) => typeof choice === "string");
}

function anyOfThese(parts: readonly SchemaPart[]): string {
  return parts.map(oneOfThese).join(" or ");
}

function choicesOf({ enum: choices, const: only }: SchemaPart): readonly unknown[] {
  if (Array.isArray(choices)) {
    return choices;
  }
  return only === undefined ? [] : [only];
}

function oneOfThese(part: SchemaPart): string {
  const choices = choicesOf(part);
  if (choices.length > 0) {
    const words = choices.map((choice) => JSON.stringify(choice)).join(", ");
    return choices.length > 1 ? `one of ${words}` : words;
  }
  switch (part["type"]) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${between(part["minimum"], part["maximum"])}`;
    case "number":
      return `a number${between(part["minimum"], part["maximum"])}${digits(part["multipleOf"])}`;
    case "string":
      return `text${counted(part["minLength"], part["maxLength"], "characters")}`;
    case "array":
      return `a list${counted(part["minItems"], part["maxItems"], "entries")}${entryText(part)}`;
    case "null":
      return "nothing";
    default:
      return sectionText(part);
  }
}

function entryText(part: SchemaPart): string {
  const entries = entriesOf(part);
  const isPlain = entries.every(({ type }) => type !== "object");
  return entries.length > 0 && isPlain ? `, each ${anyOfThese(entries)}` : "";
}

function sectionText({ properties }: SchemaPart): string {
  const keys = isRecord(properties) ? Object.keys(properties) : [];
  return keys.length === 0 ? "a section of names and values" : `a section with ${keys.join(", ")}`;
}

/** Beyond these are the bounds of whole numbers as such. */
const bound = Number.MAX_SAFE_INTEGER;

function between(least: unknown, most: unknown): string {
  const from = typeof least === "number" && least > -bound ? least : null;
  const to = typeof most === "number" && most < bound ? most : null;
  if (from !== null && to !== null) {
    return ` from ${shown(from)} to ${shown(to)}`;
  }
  if (from !== null) {
    return ` of at least ${shown(from)}`;
  }
  return to === null ? "" : ` of at most ${shown(to)}`;
}

function shown(value: number): string {
  return value.toLocaleString("en-US");
}

function counted(least: unknown, most: unknown, what: string): string {
  const range = between(least === 0 ? undefined : least, most);
  return range === "" ? "" : `${range.replace(" from ", " of ")} ${what}`;
}

function digits(step: unknown): string {
  return typeof step === "number"
    ? ` with at most ${String(Math.round(-Math.log10(step)))} digits after the point`
    : "";
}

import { cleanLine } from "../../base/text.ts";
import type { Correction } from "../ballot.ts";
import { severities } from "../candidate.ts";
import { maxCorrections } from "../prompts/vote.ts";
import { isRecord, listIn, salvageList } from "./salvage.ts";

/**
 * Reads the corrections of a reply to the vote prompt, by cluster: the first of each, of the first few. What is no correction, or changes
 * nothing, is passed over; a reply without any is as good.
 *
 * @param object the reply as its provider parsed it, or null: then the text is read.
 */
export function readCorrections({
  text,
  object,
}: {
  readonly text: string;
  readonly object: unknown;
}): ReadonlyMap<string, Correction> {
  const list = isRecord(object) ? listIn(object, "corrections") : null;
  const items = list ?? salvageList(text, "corrections").items;
  const read = items.slice(0, maxCorrections).flatMap((item) => correctionOf(item));
  return new Map(read.toReversed());
}

function correctionOf(item: unknown): readonly (readonly [string, Correction])[] {
  if (!isRecord(item) || typeof item["id"] !== "string") {
    return [];
  }
  const severity = severities.find((name) => name === item["severity"]) ?? null;
  const title = textOf(item["title"], (text) => cleanLine(text, 120));
  const quoted = textOf(item["quoted"], (text) => text.slice(0, 500));
  if (severity === null && title === null && quoted === null) {
    return [];
  }
  // A line alone cannot be checked: it is a hint to where the quoted code stands.
  const line = quoted === null ? null : lineOf(item["line"]);
  return [[item["id"].trim(), { severity, title, line, quoted }]];
}

function textOf(value: unknown, clean: (text: string) => string): string | null {
  const text = typeof value === "string" ? clean(value) : "";
  return text.trim() === "" ? null : text;
}

function lineOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? value : null;
}

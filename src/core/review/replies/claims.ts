import { cleanLine, cleanText } from "../../base/text.ts";
import { categories, severities } from "../candidate.ts";
import type { Category, Claim, Severity } from "../candidate.ts";
import { isRecord, listIn, salvageList } from "./salvage.ts";

/** What a seat's first reply came to. */
export interface ClaimsReply {
  readonly claims: readonly Claim[];
  /** Items that are no claim, or that a cut left half. */
  readonly dropped: number;
  /** False when the reply holds no list of findings: the seat has not finished. */
  readonly isReadable: boolean;
}

/** More claims of one seat are dropped: it was asked for a few. */
export const maxClaims = 20;

/**
 * Reads a reply to the generate prompt: complete items are kept, whatever stands around them; items of the wrong shape are dropped and
 * counted. An unknown severity counts as medium and an unknown category as correctness: a model that words them its own way may be right.
 *
 * @param object the reply as its provider parsed it, or null: then the text is read.
 */
export function readClaims(text: string, object: unknown): ClaimsReply {
  const list = listIn(object, "findings");
  const { items, dropped, isReadable } =
    list === null ? salvageList(text, "findings") : { items: list, dropped: 0, isReadable: true };
  const read = items.map((item) => claimOf(item));
  const claims = read.filter((claim) => claim !== null).slice(0, maxClaims);
  return { claims, dropped: dropped + read.length - claims.length, isReadable };
}

function claimOf(item: unknown): Claim | null {
  if (!isRecord(item)) {
    return null;
  }
  const path = lineOf(item["path"], 1_000).replace(/^\.\//u, "");
  const title = lineOf(item["title"], 120);
  const line = wholeOf(item["line"]);
  if (path === "" || title === "" || line === null) {
    return null;
  }
  return {
    path,
    line,
    endLine: Math.max(line, wholeOf(item["end_line"]) ?? line),
    severity: severityOf(item["severity"]),
    category: categoryOf(item["category"]),
    title,
    body: textOf(item["body"], 2_000),
    quoted: typeof item["quoted"] === "string" ? item["quoted"].slice(0, 2_000) : "",
    symbol: lineOf(item["symbol"], 200) || null,
    failingInput: textOf(item["failing_input"], 500) || null,
    ...suggestionOf(item["suggestion"]),
  };
}

/** Code, so that no space of it is touched; what is too long for a few lines is none. */
function suggestionOf(value: unknown): Pick<Claim, "suggestion"> {
  return typeof value === "string" && value.trim() !== "" && value.length <= 1_000
    ? { suggestion: value.replace(/\n$/u, "") }
    : {};
}

function severityOf(value: unknown): Severity {
  const word = wordOf(value);
  return severities.find((severity) => severity === word) ?? "medium";
}

function categoryOf(value: unknown): Category {
  const word = wordOf(value);
  return categories.find((category) => category === word) ?? "correctness";
}

function wordOf(value: unknown): string {
  return lineOf(value, 40)
    .toLowerCase()
    .replaceAll(/[\s_]+/gu, "-");
}

function lineOf(value: unknown, maxChars: number): string {
  return typeof value === "string" ? cleanLine(value, maxChars) : "";
}

function textOf(value: unknown, maxChars: number): string {
  return typeof value === "string" ? cleanText(value, maxChars) : "";
}

/** A line number, also one that was written as text; null for anything else. */
function wholeOf(value: unknown): number | null {
  const number = typeof value === "string" && /^\d{1,7}$/u.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && typeof number === "number" && number >= 1 ? number : null;
}

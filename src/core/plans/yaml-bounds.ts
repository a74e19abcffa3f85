import { Lexer } from "yaml";
import { planErrors } from "./errors.ts";
import type { PlanFault } from "./errors.ts";
import { createPlaces, deepestNesting } from "./text-tree.ts";

/** Texts of up to so many characters are read in half a second, whatever stands in them. */
const smallText = 100_000;

/** Each takes microseconds and half a kilobyte: twice as many would exhaust the memory of a server. */
const mostTokens = 2_000_000;

/** A list or a map that begins inside another on the same line takes the full reader twenty times as long as a word. */
const collectionTokens = 20;

/** What makes a large text too much to be read: a plain look that costs a tenth of reading. Null when nothing does. */
export function findExcess(text: string): PlanFault | null {
  if (text.length <= smallText) {
    return null;
  }
  let tokens = 0;
  let open = 0;
  let offset = 0;
  let before = "\n";
  for (const token of new Lexer().lex(text)) {
    tokens += isWithin(token, before) ? collectionTokens : 1;
    open += stepOf(token);
    if (open > deepestNesting || tokens > mostTokens) {
      return faultAt(text, offset, open > deepestNesting);
    }
    offset += isMark(token) ? 0 : token.length;
    before = token.startsWith(" ") ? before : token;
  }
  return null;
}

/** True for a bracket, and for a dash or a question mark that does not come first on its line: `- - -`. */
function isWithin(token: string, before: string): boolean {
  return token === "[" || token === "{" || (opensBlock(token) && isIndicator(before));
}

function opensBlock(token: string): boolean {
  return token === "-" || token === "?";
}

function isIndicator(token: string): boolean {
  return opensBlock(token) || token === ":";
}

function stepOf(token: string): number {
  if (token === "[" || token === "{") {
    return 1;
  }
  return token === "]" || token === "}" ? -1 : 0;
}

/** Some tokens stand for no text: the beginning of a document, of a text, the end of a flow. */
function isMark(token: string): boolean {
  return token === "\u0002" || token === "\u0018" || token === "\u001F";
}

function faultAt(text: string, offset: number, isNesting: boolean): PlanFault {
  const place = { path: "", ...createPlaces(text)(offset) };
  return isNesting
    ? {
        entry: planErrors.planSyntax,
        message: "Values are nested too deeply.",
        fix: "Mend the YAML at this place; check indentation and quotes.",
        ...place,
      }
    : {
        entry: planErrors.planTooLarge,
        message: `The text has more than ${mostTokens} words and signs; each list inside another counts as ${collectionTokens}.`,
        fix: "Split the plan, or write it as JSON.",
        ...place,
      };
}

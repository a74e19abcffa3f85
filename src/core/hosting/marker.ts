import { deflateRawSync, inflateRawSync } from "node:zlib";

import type { Json } from "../base/json.ts";
import { byteLength } from "../base/text.ts";
import { SkeinError } from "../base/errors.ts";
import { hostingErrors } from "./errors.ts";
import type { IssueComment } from "./issue.ts";
import type { Reference } from "./repository.ts";
import type { User } from "./user.ts";

/** The most that a marker holds, in characters. */
export const maxMarkerChars = 20_000;

/** A state is packed; what unpacks to more than this is not ours. */
const maxStateBytes = 300_000;

/** What a comment is of: a pull request's summary, or an issue's plan. One of each kind a conversation. */
export type MarkerKind = "review" | "plan";

/** Signs texts with a key that only Skein has; null where none is set. */
export type Sign = (text: string) => string;

export interface MarkerOptions {
  readonly kind: MarkerKind;
  /** The conversation it stands in: a signed state that was copied to another is not believed. */
  readonly subject: Reference;
  /** Null: whoever may write as our account is believed. */
  readonly sign: Sign | null;
}

/**
 * Writes a state as the hidden line of a comment: `<!-- skein:KIND:v1 DATA SIGNATURE -->`, the data being its JSON, deflated, in base64url.
 * Nothing in it can end the line.
 *
 * @throws {SkeinError} SKN-1652 for more than 20,000 characters.
 */
export function writeMarker(state: Json, options: MarkerOptions): string {
  const line = lineOf(state, options);
  const { kind } = options;
  if (line.length > maxMarkerChars) {
    throw new SkeinError(hostingErrors.badMarker, { facts: { chars: line.length, kind } });
  }
  return line;
}

/** True when a state fits a marker, and what it unpacks to is still read. */
export function fitsMarker(state: Json, options: MarkerOptions): boolean {
  const isRead = byteLength(JSON.stringify(state)) <= maxStateBytes;
  return isRead && lineOf(state, options).length <= maxMarkerChars;
}

function lineOf(state: Json, { kind, subject, sign }: MarkerOptions): string {
  const text = deflateRawSync(JSON.stringify(state)).toString("base64url");
  const signature = sign === null ? "-" : sign(signedText(kind, subject, text));
  return `<!-- skein:${kind}:v1 ${text} ${signature} -->`;
}

/** `absent`: there is none. `foreign`: another account wrote it, or its signature is not ours. `broken`: it cannot be read. */
export type MarkerReading =
  | { readonly kind: "state"; readonly state: unknown; readonly comment: IssueComment }
  | { readonly kind: "absent" | "foreign" | "broken" };

/**
 * Finds our state among the comments of a conversation. Only a line of its own in a comment of our own account counts, so that nobody else's
 * copy of a marker is believed; of several of ours the oldest counts that we signed. The state is still to be validated.
 */
export function readMarker(
  comments: readonly IssueComment[],
  self: User,
  options: MarkerOptions,
): MarkerReading {
  const marked = comments.flatMap((comment) => {
    // Others' words stand before the state, and a path among them may look like one.
    const found = [...comment.body.matchAll(patternOf(options.kind))].at(-1) ?? null;
    return found === null ? [] : [{ comment, text: found[1] ?? "", signature: found[2] ?? "" }];
  });
  const { sign, kind, subject } = options;
  // Other programs of the same account may repeat anybody's words.
  const own = marked.find(
    ({ comment, text, signature }) =>
      comment.author.id === self.id &&
      (sign === null || isSame(signature, sign(signedText(kind, subject, text)))),
  );
  if (own === undefined) {
    return { kind: marked.length === 0 ? "absent" : "foreign" };
  }
  const state = parsed(own.text);
  return state === undefined ? { kind: "broken" } : { kind: "state", state, comment: own.comment };
}

/** True when a text has a line that begins as a marker of this kind, whole or not: words that others put into a line of ours do not. */
export function isMarked(body: string, kind: MarkerKind): boolean {
  return body.split("\n").some((line) => line.startsWith(`<!-- skein:${kind}:`));
}

/** A comment's text without any marker. */
export function withoutMarkers(body: string): string {
  return body.replaceAll(/<!-- skein:[a-z]{1,20}:v1 [^<>]*-->\n?/gu, "");
}

function patternOf(kind: MarkerKind): RegExp {
  return new RegExp(
    `^<!-- skein:${kind}:v1 ([\\w-]{1,${String(maxMarkerChars)}}) ([\\w-]{1,128}) -->\\r?$`,
    "gmu",
  );
}

function signedText(kind: MarkerKind, subject: Reference, text: string): string {
  return `skein:${kind}:v1 ${subject} ${text}`;
}

/** In a time that does not tell how much of it is right. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < other.length; index += 1) {
    difference |= one.charCodeAt(index % Math.max(1, one.length)) ^ other.charCodeAt(index);
  }
  return difference === 0;
}

function parsed(text: string): unknown {
  try {
    const packed = Buffer.from(text, "base64url");
    return JSON.parse(inflateRawSync(packed, { maxOutputLength: maxStateBytes }).toString("utf8"));
  } catch {
    return undefined;
  }
}

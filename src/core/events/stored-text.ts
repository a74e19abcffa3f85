import type * as Zlib from "node:zlib";

import { SkeinError } from "../base/errors.ts";
import type { Actor } from "../base/ids.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { eventErrors } from "./errors.ts";
import type { EntityChange, Event, EventDraft, EventOrigin } from "./event.ts";

/** The form of the texts that are written now. Texts without a version are of the first one. */
export const textVersion = 2;

/** From so many characters on, what an event carries is stored in a compressed form, when that is shorter by a quarter. */
const longText = 4_096;

/** No event is larger than this when it is unfolded: a text that claims more was not written by Skein. */
const maxBodyBytes = 32 * 1_024 * 1_024;

/** Loaded with its first use: few events are long, and an editor waits for the start of each hook. */
function zlib(): typeof Zlib {
  return process.getBuiltinModule("node:zlib");
}

/** Where and when an event stands in the log, and who asked for it. */
export interface TextPlace {
  readonly seq: number;
  readonly atMs: number;
  readonly by: EventOrigin | null;
}

/**
 * The stored text of an event. It is written once and hashed as it stands; reading parses it and never writes it anew.
 *
 * `seq`, `at` and `kind` always come first and plainly; of a long event the rest is one field `z`, base64 of raw DEFLATE, which the hash
 * covers as it is stored.
 */
export function textOf(draft: EventDraft, { seq, atMs, by }: TextPlace): string {
  const { kind, actor, cause, data, changes } = draft;
  // Written out, since every change passes here: copies of objects would cost as much as their text.
  const plain = textOfValue(
    by === null
      ? { seq, at: atMs, kind, actor, cause, data, changes, v: textVersion }
      : { seq, at: atMs, kind, actor, cause, data, changes, by, v: textVersion },
  );
  if (plain.length < longText) {
    return plain;
  }
  const head = { seq, at: atMs, kind };
  const body = { actor, cause, data, changes, ...(by === null ? {} : { by }) };
  const z = zlib().deflateRawSync(textOfValue(body)).toString("base64");
  const folded = JSON.stringify({ ...head, z, v: textVersion });
  return folded.length < plain.length * 0.75 ? folded : plain;
}

/** Half of a character, as JSON writes it. */
const escapedSurrogate = String.raw`\ud`;

/** JSON without halves of characters: a database keeps U+FFFD in the place of one, and the log says what is kept. */
function textOfValue(value: object): string {
  const text = JSON.stringify(value);
  return text.includes(escapedSurrogate) ? JSON.stringify(value, wholeCharacters) : text;
}

function wholeCharacters(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(/[\u{D800}-\u{DFFF}]/gu, "\u{FFFD}") : value;
}

/** One stored line of the log. */
export interface StoredEvent {
  readonly seq: number;
  readonly at_ms: number;
  readonly kind: string;
  readonly text: string;
  readonly hash: string;
}

/**
 * Reads a stored line back. `prevHash` is the hash of the line before it.
 *
 * @throws {SkeinError} SKN-7201 when a newer Skein wrote it, SKN-0201 when it is no text of an event.
 */
export function parseEvent(stored: StoredEvent, prevHash: string): Event {
  const written = parseObject(stored.text, stored.seq);
  refuseNewer(written["v"], stored.seq);
  const { seq, at, kind } = written;
  const body = "z" in written ? unfold(written["z"], stored.seq) : written;
  const drafted = draftOf({ ...body, kind: kind ?? null });
  if (!isWhole(seq) || !isWhole(at) || drafted === null) {
    throw unreadable(stored.seq);
  }
  return { ...drafted, seq, atMs: at, prevHash, hash: stored.hash };
}

function refuseNewer(version: Json | undefined, seq: number): void {
  if (typeof version === "number" && version > textVersion) {
    throw new SkeinError(eventErrors.newerEvent, {
      message: `Event ${String(seq)} has form ${String(version)}; this Skein reads forms up to ${String(textVersion)}.`,
      facts: { seq, version },
    });
  }
}

/** Null when something of it is not as it is written. */
function draftOf(body: JsonObject): (EventDraft & Pick<Event, "by">) | null {
  const { kind, actor, cause = null, data, changes, by = null } = body;
  const isPlain = typeof kind === "string" && isActor(actor) && isObject(data);
  return isPlain && isChanges(changes) && isCause(cause) && isOriginOrNone(by)
    ? { kind, actor, cause, data, changes, by }
    : null;
}

function isCause(value: Json): value is number | null {
  return value === null || isWhole(value);
}

function isOriginOrNone(value: Json): value is (EventOrigin & JsonObject) | null {
  return value === null || isOrigin(value);
}

function parseObject(text: string, seq: number): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(seq, error);
  }
  if (!isObject(value)) {
    throw unreadable(seq);
  }
  return value;
}

function unfold(folded: Json | undefined, seq: number): JsonObject {
  if (typeof folded !== "string") {
    throw unreadable(seq);
  }
  let text: string;
  try {
    const options = { maxOutputLength: maxBodyBytes };
    text = zlib().inflateRawSync(Buffer.from(folded, "base64"), options).toString();
  } catch (error) {
    throw unreadable(seq, error);
  }
  return parseObject(text, seq);
}

function unreadable(seq: number, cause?: unknown): SkeinError {
  return new SkeinError(eventErrors.unreadable, {
    message: `Event ${String(seq)} of the log is not the text of an event.`,
    facts: { seq },
    cause,
  });
}

function isWhole(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isActor(value: Json | undefined): value is Actor {
  return typeof value === "string" && /^(?:session:|person:|system$)/u.test(value);
}

/** A kind that a newer node knows is left to whoever asks for it. */
function isChanges(value: Json | undefined): value is readonly (EntityChange & JsonObject)[] {
  return (
    Array.isArray(value) &&
    value.every(
      (change: Json) =>
        isObject(change) &&
        typeof change["entity"] === "string" &&
        typeof change["id"] === "string" &&
        isObject(change["set"]),
    )
  );
}

function isOrigin(value: Json | undefined): value is EventOrigin & JsonObject {
  return (
    isObject(value) &&
    typeof value["principal"] === "string" &&
    typeof value["name"] === "string" &&
    typeof value["action"] === "string"
  );
}

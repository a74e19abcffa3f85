import { hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

import { SkeinError } from "../../core/base/errors.ts";
import type { Json } from "../../core/base/json.ts";
import { byteLength } from "../../core/base/text.ts";
import { createFindKnown } from "../../adapters/secrets/index.ts";
import type { HandedOver, Received } from "../context.ts";
import { botErrors } from "../errors.ts";

/** What a file that one job hands to the next is bound to. */
export interface HandoverPlace {
  /** `owner/name`. */
  readonly repository: string;
  /** Of the issue or pull request; null where the event is about none. */
  readonly number: number | null;
  /** The commits that the event names; null where it names none: then those of the file are for the handler to compare with GitHub. */
  readonly shas: { readonly head: string; readonly base: string } | null;
}

/** In bytes. */
const maxHandoverBytes = 10_000_000;

const sha = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/u);

const shape = z.strictObject({
  schema_version: z.literal(1),
  repository: z.string().max(201),
  number: z.int().positive().nullable(),
  head_sha: sha.nullable(),
  base_sha: sha.nullable(),
  kind: z.string().regex(/^[a-z]{1,40}$/u),
  created_at: z.iso.datetime(),
  payload: z.json(),
  hash: z.string().regex(/^[0-9a-f]{64}$/u),
});

type HandoverFile = z.infer<typeof shape>;

export interface WrittenHandover extends HandedOver {
  readonly kind: string;
  readonly place: HandoverPlace;
  /** ISO text. */
  readonly createdAt: string;
  /** What must not be in it: an artifact is read by whoever may read the repository. */
  readonly secrets: readonly string[];
}

/**
 * The text of a hand-over.
 *
 * @throws {SkeinError} SKN-8941 when the next job would refuse it, or when it holds a secret of this job.
 */
export function handoverText(written: WrittenHandover): string {
  const { place, headSha, baseSha, kind, payload } = written;
  const body = {
    schema_version: 1,
    repository: place.repository,
    number: place.number,
    head_sha: headSha,
    base_sha: baseSha,
    kind,
    created_at: written.createdAt,
    payload,
  } as const;
  needSameCommits(body, place);
  const text = JSON.stringify({ ...body, hash: hashOf(body) });
  if (createFindKnown(written.secrets.flatMap(waysOf))(text).length > 0) {
    throw refused("it holds a secret of this job");
  }
  if (byteLength(text) > maxHandoverBytes) {
    throw refused(`it has more than ${String(maxHandoverBytes)} bytes`);
  }
  return text;
}

/** A secret as it is, and as JSON writes it. */
function waysOf(secret: string): readonly string[] {
  return [secret, JSON.stringify(secret).slice(1, -1)];
}

/** Writes a hand-over for the job after this one; through no link that a checkout may have there. */
export function writeHandover(path: string, written: WrittenHandover): void {
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(descriptor, handoverText(written));
  } finally {
    closeSync(descriptor);
  }
}

/** Reads what the job before handed over. @throws {SkeinError} SKN-5941 without a file, SKN-8941 for one that does not belong here. */
export function readHandover(path: string, place: HandoverPlace): Received {
  return verifyHandover(readBounded(path), place);
}

/** Takes a hand-over in only if every field is as it was written, and it was written for this very event. @throws {SkeinError} SKN-8941. */
export function verifyHandover(text: string, place: HandoverPlace): Received {
  const file = parseChecked(text);
  if (file.repository.toLowerCase() !== place.repository.toLowerCase()) {
    throw refused("it was made for another repository");
  }
  if (file.number !== place.number) {
    throw refused("it was made for another issue or pull request");
  }
  needSameCommits(file, place);
  return {
    kind: file.kind,
    headSha: file.head_sha,
    baseSha: file.base_sha,
    payload: file.payload,
    hash: file.hash,
  };
}

function needSameCommits(
  file: Pick<HandoverFile, "head_sha" | "base_sha">,
  { shas }: HandoverPlace,
): void {
  if (shas !== null && (file.head_sha !== shas.head || file.base_sha !== shas.base)) {
    throw refused("it was made for other commits");
  }
}

/** The file with its hash checked. */
function parseChecked(text: string): HandoverFile {
  try {
    const file = parse(text);
    const { hash: claimed, ...body } = file;
    if (hashOf(body) !== claimed) {
      throw refused("its content does not match its hash");
    }
    return file;
  } catch (error) {
    throw error instanceof RangeError ? refused("it is nested too deeply", error) : error;
  }
}

function parse(text: string): HandoverFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused("it is no JSON", cause);
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    throw refused("it has a field too many, too few, or of another kind", parsed.error);
  }
  return parsed.data;
}

function readBounded(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (isLink(cause)) {
      throw refused("it is a link", cause);
    }
    throw new SkeinError(botErrors.noHandover, {
      message: "There is no file where `handover-path` says.",
      facts: { path },
      cause,
    });
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > maxHandoverBytes) {
      throw refused(`it is no plain file of at most ${String(maxHandoverBytes)} bytes`);
    }
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** What opening a link says where none is followed; some systems name it otherwise. */
function isLink(cause: unknown): boolean {
  return (
    cause instanceof Error && "code" in cause && (cause.code === "ELOOP" || cause.code === "EMLINK")
  );
}

function refused(why: string, cause?: unknown): SkeinError {
  return new SkeinError(botErrors.badHandover, {
    message: `What was handed over is refused: ${why}.`,
    facts: { reason: why },
    cause,
  });
}

function hashOf(body: Json): string {
  return hash("sha256", canonical(body));
}

/** The one text of a value: keys in order of their code units, no spaces. */
function canonical(value: Json): string {
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value);
  }
  if (isList(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  const fields = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

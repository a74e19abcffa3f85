import type { ChainPoint } from "../events/index.ts";
import { ownText, ownValue, parseLooseObject } from "../base/loose-object.ts";

/** What is said of a project's log at one moment, and signed. */
export interface AnchorStatement {
  readonly project: string;
  /** The last event, whose hash covers all before it. */
  readonly head: ChainPoint;
  /** Epoch milliseconds of the store. */
  readonly atMs: number;
}

/** A signed statement, kept outside of the store. */
export interface Anchor extends AnchorStatement {
  /** Names the key: the first 16 hex digits of the SHA-256 of its public part. */
  readonly keyId: string;
  /** Ed25519 over `statementText`, in base64. */
  readonly signature: string;
}

const form = 1;

/** The text that is signed: one for each statement, whoever writes it. */
export function statementText({ project, head, atMs }: AnchorStatement): string {
  return JSON.stringify(["skein-audit", form, project, head.seq, head.hash, atMs]);
}

/** The anchor in one line of JSON. */
export function anchorText({ project, head, atMs, keyId, signature }: Anchor): string {
  return JSON.stringify({
    v: form,
    project,
    seq: head.seq,
    hash: head.hash,
    at: atMs,
    key_id: keyId,
    signature,
  });
}

/** Reads an anchor; null for anything else. */
export function parseAnchor(text: string): Anchor | null {
  const written = parseLooseObject(text);
  if (written === null || ownValue(written, "v") !== form) {
    return null;
  }
  const [seq, atMs] = [ownValue(written, "seq"), ownValue(written, "at")];
  const [project, hash] = [ownText(written, "project"), ownText(written, "hash")];
  const [keyId, signature] = [ownText(written, "key_id"), ownText(written, "signature")];
  return isWhole(seq) &&
    isWhole(atMs) &&
    project !== null &&
    hash !== null &&
    keyId !== null &&
    signature !== null
    ? { project, head: { seq, hash }, atMs, keyId, signature }
    : null;
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The day of UTC of a moment, as 2026-11-28: there is at most one anchor a day. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

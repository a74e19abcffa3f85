import { hash } from "node:crypto";

import type { Json } from "../base/json.ts";
import type { Event, EventDraft } from "./event.ts";

/** The hash that the first event of a project follows. */
export const genesisHash: string = "0".repeat(64);

/** The stored text of an event. It is written once and hashed as it stands; reading parses it and never writes it anew. */
export function textOf(draft: EventDraft, seq: number, atMs: number): string {
  return JSON.stringify({
    seq,
    at: atMs,
    kind: draft.kind,
    actor: draft.actor,
    cause: draft.cause,
    data: draft.data,
    changes: draft.changes,
  });
}

/** Hex SHA-256 over the hash before and the stored text. */
export function hashAfter(prevHash: string, text: string): string {
  return hash("sha256", prevHash + text);
}

/** One stored line of the log. */
export interface StoredEvent {
  readonly seq: number;
  readonly kind: string;
  readonly text: string;
  readonly hash: string;
}

/** Reads a stored line back. `prevHash` is the hash of the line before it. */
export function parseEvent(stored: StoredEvent, prevHash: string): Event {
  const body: EventBody = JSON.parse(stored.text);
  return {
    seq: body.seq,
    atMs: body.at,
    kind: body.kind,
    actor: body.actor,
    cause: body.cause,
    data: body.data,
    changes: body.changes,
    prevHash,
    hash: stored.hash,
  };
}

type EventBody = Omit<EventDraft, "data"> & {
  readonly seq: number;
  readonly at: number;
  readonly data: { readonly [key: string]: Json };
};

/** A place where the log does not hold together. */
export interface ChainFault {
  readonly seq: number;
  readonly fault: "gap" | "hash" | "text" | "head";
  readonly detail: string;
}

/** Where a check of the chain starts from: the end of the archived part, or the genesis. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

/** Checks consecutive lines of the log after `from`: numbers without a gap, text that matches its row, hashes that follow. */
export function checkChain(lines: Iterable<StoredEvent>, from: ChainPoint): ChainCheck {
  let point = from;
  const faults: ChainFault[] = [];
  for (const line of lines) {
    const fault = faultOf(line, point);
    if (fault !== null) {
      faults.push(fault);
    }
    point = { seq: line.seq, hash: line.hash };
  }
  return { end: point, faults };
}

export interface ChainCheck {
  readonly end: ChainPoint;
  readonly faults: readonly ChainFault[];
}

function faultOf(line: StoredEvent, before: ChainPoint): ChainFault | null {
  if (line.seq !== before.seq + 1) {
    return { seq: line.seq, fault: "gap", detail: `follows ${String(before.seq)}` };
  }
  if (hashAfter(before.hash, line.text) !== line.hash) {
    return { seq: line.seq, fault: "hash", detail: "the text or the hash was changed" };
  }
  const head = /^\{"seq":(\d+),"at":-?\d+,"kind":"([^"]*)"/u.exec(line.text);
  if (head === null || Number(head[1]) !== line.seq || head[2] !== line.kind) {
    return { seq: line.seq, fault: "text", detail: "the row and its text disagree" };
  }
  return null;
}

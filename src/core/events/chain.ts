import { hash } from "node:crypto";

import { SkeinError } from "../base/errors.ts";
import { eventErrors } from "./errors.ts";
import { parseEvent } from "./stored-text.ts";
import type { StoredEvent } from "./stored-text.ts";

/** The hash that the first event of a project follows. */
export const genesisHash: string = "0".repeat(64);

/** Hex SHA-256 over the hash before and the stored text. */
export function hashAfter(prevHash: string, text: string): string {
  return hash("sha256", prevHash + text);
}

/** A place where the log does not hold together. */
export interface ChainFault {
  readonly seq: number;
  readonly fault: "gap" | "hash" | "text" | "head" | "checkpoint";
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
  return textFault(line, before.hash);
}

/** The columns of a row repeat the beginning of its text. A text of a newer version is not ours to judge. */
function textFault(line: StoredEvent, prevHash: string): ChainFault | null {
  const head = /^\{"seq":(\d+),"at":(-?\d+),"kind":"([^"]*)"/u.exec(line.text);
  const isSame =
    head !== null &&
    Number(head[1]) === line.seq &&
    Number(head[2]) === line.at_ms &&
    head[3] === line.kind;
  if (!isSame) {
    return { seq: line.seq, fault: "text", detail: "the row and its text disagree" };
  }
  try {
    parseEvent(line, prevHash);
    return null;
  } catch (error) {
    return error instanceof SkeinError && error.code === eventErrors.newerEvent.code
      ? null
      : { seq: line.seq, fault: "text", detail: "the text is not that of an event" };
  }
}

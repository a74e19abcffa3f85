import type { ChainFault, ChainPoint } from "../events/index.ts";
import { dayOf } from "./anchor.ts";
import type { Anchor } from "./anchor.ts";
import type { AuditPublicKey } from "./keys.ts";

/** Something that does not hold. */
export interface AuditFault {
  readonly fault: ChainFault["fault"] | "anchor" | "cut" | "rewritten" | "signature";
  /** The event that it is about. */
  readonly seq: number;
  readonly detail: string;
}

/** One anchor and what the log says at its place. */
export interface AnchorCheck {
  readonly anchor: Anchor;
  /** Null: its event was archived, so only its signature can be looked at. */
  readonly hashInLog: string | null;
  readonly head: ChainPoint;
  readonly archivedTo: ChainPoint;
}

/** Whether an anchor's signature counts: `unknown` when its key is none of those that are trusted. */
export function judgeSignature(
  anchor: Anchor,
  keys: readonly AuditPublicKey[],
): "good" | "bad" | "unknown" {
  const key = keys.find(({ id }) => id === anchor.keyId);
  if (key === undefined) {
    return "unknown";
  }
  return key.hasSigned(anchor) ? "good" : "bad";
}

/** Holds one anchor against the log; null when they agree. */
export function judgeAnchor({
  anchor,
  hashInLog,
  head,
  archivedTo,
}: AnchorCheck): AuditFault | null {
  const { seq, hash } = anchor.head;
  const name = `the anchor of ${dayOf(anchor.atMs)}`;
  if (seq > head.seq) {
    const detail = `${name} knows ${String(seq)} events, the log ends at ${String(head.seq)}: its end was cut off`;
    return { fault: "cut", seq, detail };
  }
  const found = seq === archivedTo.seq ? archivedTo.hash : hashInLog;
  if (seq < archivedTo.seq || found === hash) {
    return null;
  }
  return { fault: "rewritten", seq, detail: `${name} knows another text up to here` };
}

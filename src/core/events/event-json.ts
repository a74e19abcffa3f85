import { isoTime } from "../base/iso.ts";
import type { JsonObject } from "../base/json.ts";
import type { Event } from "./event.ts";

/** An event for programs, whole: with its place in the chain. */
export function eventJson(event: Event): JsonObject {
  return {
    seq: event.seq,
    at: isoTime(event.atMs),
    kind: event.kind,
    actor: event.actor,
    cause: event.cause,
    data: event.data,
    changes: event.changes.map(({ entity, id, set }) => ({ entity, id, set })),
    ...(event.by === null ? {} : { by: { ...event.by } }),
    prev_hash: event.prevHash,
    hash: event.hash,
  };
}

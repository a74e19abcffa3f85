import { AsyncLocalStorage } from "node:async_hooks";

import type { EventOrigin } from "../../core/events/index.ts";

const callers = new AsyncLocalStorage<EventOrigin>();

/** Runs a call of somebody whom a server knows: what it changes, however deep, is logged as asked for by them. */
export function asCaller<T>(origin: EventOrigin, call: () => T): T {
  return callers.run(origin, call);
}

/** Whose call this is; null when nobody's. */
export function currentCaller(): EventOrigin | null {
  return callers.getStore() ?? null;
}

import type { Store } from "./store.ts";

/** Told, in a sentence, that the line of writers of this process is nearly full. */
export type TellLongLine = (sentence: string) => void;

/** From so large a part of its places on, a line is long (C3). */
const longPart = 0.8;

/** With no more than this part of them taken it is over: what comes after is told anew. */
const shortPart = 0.5;

/** A line that is long again and again is told so often at most, in milliseconds. */
const quietMs = 60_000;

/**
 * A store that warns when so many writers wait in this process that soon no more will be taken. It looks whenever one comes, so that a line that
 * stands still is told once. Without somebody to tell it is the store itself.
 */
export function tellingLongLine(store: Store, tell: TellLongLine | undefined): Store {
  if (tell === undefined) {
    return store;
  }
  let isTold = false;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    const { queued, limit } = store.load();
    if (queued <= limit * shortPart) {
      isTold = false;
    } else if (!isTold && queued >= limit * longPart) {
      const nowMs = performance.now();
      if (nowMs - toldAtMs >= quietMs) {
        isTold = true;
        toldAtMs = nowMs;
        tell(sentenceOf(queued, limit));
      }
    }
  };
  return {
    ...store,
    write: async (work, first) => {
      const written = store.write(work, first);
      look();
      return written;
    },
  };
}

function sentenceOf(queued: number, limit: number): string {
  return `The line of writers is long: ${String(queued)} of ${String(limit)} places in this process are taken. When all are, writes are refused (SKN-7102).`;
}

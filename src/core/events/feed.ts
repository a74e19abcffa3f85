import type { Timer } from "../base/timer.ts";
import type { Store } from "../store/index.ts";
import type { Event } from "./event.ts";
import type { Events } from "./events.ts";

export interface EventFeedDeps {
  readonly store: Pick<Store, "glance">;
  readonly events: Pick<Events, "after" | "head" | "watch">;
  readonly timer: Timer;
  /** How many of the newest events are kept at hand, so that many followers cost one read. Default 2,000. */
  readonly keep?: number | undefined;
}

/** The log as a stream for many readers of one process, each at its own place and pace. */
export interface EventFeed {
  /**
   * Pages of the events after `since`, oldest first, each exactly once and none missing; waits for what comes. Ends when the signal aborts.
   *
   * A reader asks for its next page when it is ready, so a slow one holds nobody up and costs no memory.
   *
   * @throws {SkeinError} SKN-5201 when events after its place were archived; whatever the store throws. A new call goes on from there.
   */
  follow(since: number, signal: AbortSignal): AsyncGenerator<readonly Event[], void, undefined>;
}

const pageSize = 500;

const usuallyKept = 2_000;

/** Without a success the log is read again after this time. */
const retryMs = 500;

export function createEventFeed(deps: EventFeedDeps): EventFeed {
  const enter = shareTail(deps);

  async function* follow(
    since: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Event[], void, undefined> {
    let seq = since;
    const { tail, leave } = enter();
    try {
      await tail.started;
      while (!signal.aborted) {
        const page = tail.after(seq) ?? (await readAfter(deps, seq));
        if (page.length === 0) {
          await tail.grown(seq, signal);
        } else {
          seq = page.at(-1)?.seq ?? seq;
          yield page;
        }
      }
    } finally {
      leave();
    }
  }

  return { follow };
}

async function readAfter({ store, events }: EventFeedDeps, seq: number): Promise<readonly Event[]> {
  return store.glance((reader) => events.after(reader, seq, pageSize));
}

interface Shared {
  readonly tail: Tail;
  readonly leave: () => void;
}

/** Reads the log while somebody follows it. */
function shareTail(deps: EventFeedDeps): () => Shared {
  let followers = 0;
  let tail: Tail | null = null;
  return () => {
    followers += 1;
    const current = tail ?? startTail(deps);
    tail = current;
    const leave = (): void => {
      followers -= 1;
      if (followers === 0) {
        current.stop();
        tail = null;
      }
    };
    return { tail: current, leave };
  };
}

/** The end of the log, read once for all followers. */
interface Tail {
  /** Resolves once the end of the log is known. */
  readonly started: Promise<void>;
  /** A page of what is at hand; empty at the end of the log; null: it is too old to be at hand. */
  after(seq: number): readonly Event[] | null;
  /** Resolves when there is something after `seq`, or the signal aborts. */
  grown(seq: number, signal: AbortSignal): Promise<void>;
  stop(): void;
}

interface Kept {
  /** The last event that is known. */
  endSeq: number;
  /** The newest events, without a gap up to `endSeq`. */
  events: readonly Event[];
}

function startTail(deps: EventFeedDeps): Tail {
  const kept: Kept = { endSeq: 0, events: [] };
  const waiting = new Set<() => void>();
  const { started, stop } = startReading(deps, kept, () => {
    for (const wake of waiting) {
      wake();
    }
  });
  return {
    started,
    stop,
    after: (seq) => {
      if (seq >= kept.endSeq) {
        return [];
      }
      const skipped = seq + 1 - (kept.events[0]?.seq ?? Number.POSITIVE_INFINITY);
      return skipped < 0 ? null : kept.events.slice(skipped, skipped + pageSize);
    },
    grown: async (seq, signal) =>
      new Promise<void>((resolve) => {
        const wake = (): void => {
          if (seq < kept.endSeq || signal.aborted) {
            waiting.delete(wake);
            signal.removeEventListener("abort", wake);
            resolve();
          }
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
        wake();
      }),
  };
}

/** Reads on after each ring. */
function startReading(
  deps: EventFeedDeps,
  kept: Kept,
  onGrown: () => void,
): Pick<Tail, "started" | "stop"> {
  const { store, events, timer } = deps;
  const ending = new AbortController();
  let isReading = true;
  let rangAgain = true;

  async function readOn(): Promise<void> {
    isReading = true;
    while (rangAgain && !ending.signal.aborted) {
      rangAgain = false;
      try {
        rangAgain = (await readPage(deps, kept)) || rangAgain;
        onGrown();
      } catch {
        // A store that cannot be read now is read again; those who follow learn it where they read by themselves.
        await timer.sleep(retryMs, ending.signal);
        rangAgain = true;
      }
    }
    isReading = false;
  }

  const unwatch = events.watch(() => {
    rangAgain = true;
    if (!isReading) {
      void readOn();
    }
  });
  const start = async (): Promise<void> => {
    kept.endSeq = (await store.glance((reader) => events.head(reader))).seq;
    void readOn();
  };
  return {
    started: start(),
    stop: () => {
      ending.abort();
      unwatch();
    },
  };
}

/** True when there may be more. */
async function readPage(deps: EventFeedDeps, kept: Kept): Promise<boolean> {
  const page = await readAfter(deps, kept.endSeq);
  kept.events = [...kept.events, ...page].slice(-(deps.keep ?? usuallyKept));
  kept.endSeq = page.at(-1)?.seq ?? kept.endSeq;
  return page.length === pageSize;
}

import { SkeinError } from "../base/errors.ts";
import { createRounds } from "../base/rounds.ts";
import type { Timer } from "../base/timer.ts";
import type { Store } from "../store/index.ts";
import { genesisHash } from "./chain.ts";
import type { ChainPoint } from "./chain.ts";
import { eventErrors } from "./errors.ts";
import type { Event } from "./event.ts";
import type { Events } from "./events.ts";

export interface EventFeedDeps {
  readonly store: Pick<Store, "glance">;
  readonly events: Pick<Events, "after" | "afterTold" | "head" | "watch">;
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
   * @throws {SkeinError} SKN-5201 when events after its place were archived; SKN-5202 when the log no longer holds what was told, as after a failover
   * to a standby that did not have the end: other events have, or will have, those numbers. Whatever the store throws; a new call goes on from there.
   */
  follow(since: number, signal: AbortSignal): AsyncGenerator<readonly Event[], void, undefined>;
}

/** How much of the log is read at once for all followers. */
const pageSize = 500;

/** How much one follower gets at once: what it does not take stays in memory, and there may be a thousand that take nothing. */
const followersPageSize = 100;

/** How many of those that are behind read at a time; the others do so in order of arrival, and whoever needs the store for anything else comes between. */
const readersAtOnce = 4;

const usuallyKept = 2_000;

/** Without a success the log is read again after this time. */
const retryMs = 500;

export function createEventFeed(deps: EventFeedDeps): EventFeed {
  const enter = shareTail(deps);
  const turns = createRounds(readersAtOnce);

  async function* follow(
    since: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Event[], void, undefined> {
    let place: Place = { seq: since, hash: null };
    const { tail, leave } = enter();
    try {
      await tail.started;
      while (!signal.aborted) {
        const behind = { ...place, limit: followersPageSize };
        const page =
          tail.after(place.seq) ?? (await turns.run(1, async () => readAfter(deps, behind)));
        if (page.length === 0) {
          await tail.grown(place.seq, signal);
        } else {
          place = pointOf(page) ?? place;
          yield page;
        }
      }
    } finally {
      leave();
    }
  }

  return { follow };
}

/** The last event that was told; whoever has begun knows its number alone. */
interface Place {
  readonly seq: number;
  readonly hash: string | null;
}

/** Where a page ends. */
function pointOf(page: readonly Event[]): ChainPoint | null {
  const last = page.at(-1);
  return last === undefined ? null : { seq: last.seq, hash: last.hash };
}

async function readAfter(
  { store, events }: EventFeedDeps,
  { seq, hash, limit }: Place & { readonly limit: number },
): Promise<readonly Event[]> {
  return store.glance((reader) =>
    hash === null
      ? events.after(reader, seq, limit)
      : events.afterTold(reader, { seq, hash }, limit),
  );
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
    if (tail === null || tail.isLost()) {
      followers = 0;
      tail = startTail(deps);
    }
    followers += 1;
    const current = tail;
    const leave = (): void => {
      if (current !== tail) {
        return;
      }
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
  /** A page of what is at hand; empty at the end of the log; null: it is too old to be at hand. @throws {SkeinError} SKN-5202 once it is lost. */
  after(seq: number): readonly Event[] | null;
  /** Resolves when there is something after `seq`, the tail is lost, or the signal aborts. */
  grown(seq: number, signal: AbortSignal): Promise<void>;
  /** True once the log was found to be another one than was told; it stands still then. */
  isLost(): boolean;
  stop(): void;
}

interface Kept {
  /** The last event that is known. */
  end: ChainPoint;
  /** The newest events, without a gap up to the end. */
  events: readonly Event[];
  /** Why no more is read. */
  lost: SkeinError | null;
}

function startTail(deps: EventFeedDeps): Tail {
  const kept: Kept = { end: { seq: 0, hash: genesisHash }, events: [], lost: null };
  const waiting = new Set<() => void>();
  const { started, stop } = startReading(deps, kept, () => {
    for (const wake of waiting) {
      wake();
    }
  });
  return {
    started,
    stop,
    isLost: () => kept.lost !== null,
    after: (seq) => {
      if (kept.lost !== null) {
        throw kept.lost;
      }
      if (seq >= kept.end.seq) {
        return [];
      }
      const skipped = seq + 1 - (kept.events[0]?.seq ?? Number.POSITIVE_INFINITY);
      return skipped < 0 ? null : kept.events.slice(skipped, skipped + followersPageSize);
    },
    grown: async (seq, signal) =>
      new Promise<void>((resolve) => {
        const wake = (): void => {
          if (seq < kept.end.seq || kept.lost !== null || signal.aborted) {
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
      } catch (error) {
        if (isAnotherLog(error)) {
          kept.lost = error;
          stop();
          onGrown();
        }
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
    kept.end = await store.glance((reader) => events.head(reader));
    void readOn();
  };
  const stop = (): void => {
    ending.abort();
    unwatch();
  };
  return { started: start(), stop };
}

/** True when there may be more. */
async function readPage(deps: EventFeedDeps, kept: Kept): Promise<boolean> {
  const page = await readAfter(deps, { ...kept.end, limit: pageSize });
  kept.events = [...kept.events, ...page].slice(-(deps.keep ?? usuallyKept));
  kept.end = pointOf(page) ?? kept.end;
  return page.length === pageSize;
}

function isAnotherLog(error: unknown): error is SkeinError {
  return error instanceof SkeinError && error.code === eventErrors.ahead.code;
}

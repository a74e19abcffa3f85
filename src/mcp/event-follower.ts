import { SkeinError } from "../core/base/errors.ts";
import { eventErrors } from "../core/events/index.ts";
import type { Event } from "../core/index.ts";
import type { TimelessReader } from "../core/store/index.ts";
import type { OpenProject } from "./context.ts";

/** Reads the log on whenever it grows, and hands over what is new. */
export interface EventFollower {
  /** Begins at the log's present end; again does nothing, unless the time before failed. */
  start(): Promise<void>;
  stop(): void;
}

/** What a feed needs of an event. */
export interface ToldEvent {
  readonly seq: number;
  readonly changes: readonly { readonly entity: string; readonly id: string }[];
}

export type OnEvents = (events: readonly ToldEvent[]) => Promise<void>;

const pageSize = 500;

/** What could not be read is read again after this time, in milliseconds. */
const retryMs = 500;

type Followed = Pick<OpenProject, "skein">;

/** Whose log is followed, and where faults of that go. */
export interface FollowedLog {
  open(): Promise<Followed>;
  log(line: string): void;
}

export function createEventFollower(context: FollowedLog, onEvents: OnEvents): EventFollower {
  const reading = createReading(context, onEvents);
  let unwatch: (() => void) | null = null;
  let isStopped = false;
  return {
    start: async () => {
      const project = await context.open();
      if (unwatch !== null || isStopped) {
        return;
      }
      unwatch = project.skein.events.watch(() => void reading.follow(project));
      try {
        await reading.beginAtEnd(project);
      } catch (error) {
        unwatch();
        unwatch = null;
        throw error;
      }
      await reading.follow(project);
    },
    stop: () => {
      isStopped = true;
      reading.stop();
      unwatch?.();
    },
  };
}

interface Reading {
  beginAtEnd(project: Followed): Promise<void>;
  /** Hands over all that is new. Never rejects. */
  follow(project: Followed): Promise<void>;
  stop(): void;
}

function createReading(context: FollowedLog, onEvents: OnEvents): Reading {
  const state = { isStopped: false, seen: noEvent, isReading: false, rangAgain: false };
  let retry: NodeJS.Timeout | undefined;

  async function readAll({ skein }: Followed): Promise<void> {
    while (state.rangAgain && !state.isStopped) {
      state.rangAgain = false;
      const events = await skein.store.read((reader) => newAfter(skein.events, reader, state.seen));
      state.seen = events.at(-1) ?? state.seen;
      state.rangAgain ||= events.length === pageSize;
      await onEvents(events);
    }
  }

  async function follow(project: Followed): Promise<void> {
    state.rangAgain = true;
    if (state.isReading || state.isStopped) {
      return;
    }
    state.isReading = true;
    try {
      await readAll(project);
    } catch (error) {
      context.log(`event feed: ${error instanceof Error ? error.message : String(error)}`);
      // The ring is spent: what could not be read would wait for the next change.
      retry = setTimeout(() => void follow(project), retryMs).unref();
    } finally {
      state.isReading = false;
    }
  }

  return {
    beginAtEnd: async (project) => {
      // What rings before the end is known waits for it: it would have the whole log told.
      state.isReading = true;
      try {
        state.seen = await endOfLog(project);
      } finally {
        state.isReading = false;
      }
    },
    follow,
    stop: () => {
      state.isStopped = true;
      clearTimeout(retry);
    },
  };
}

const noEvent = { seq: 0, hash: "" };

async function endOfLog({ skein }: Followed): Promise<typeof noEvent> {
  return skein.store.read((reader) => skein.events.head(reader));
}

/**
 * What came after an event. Where the log no longer holds that one, as after a failover that lost its end, it is the newest page: nobody knows
 * what is new in it, and who waited for higher numbers would hear of nothing.
 */
async function newAfter(
  events: Followed["skein"]["events"],
  reader: TimelessReader,
  seen: typeof noEvent,
): Promise<readonly Event[]> {
  try {
    return await events.afterTold(reader, seen, pageSize);
  } catch (error) {
    if (!(error instanceof SkeinError && error.code === eventErrors.ahead.code)) {
      throw error;
    }
    const [{ seq }, archived] = [await events.head(reader), await events.archivedTo(reader)];
    return events.after(reader, Math.max(archived.seq, seq - pageSize), pageSize);
  }
}

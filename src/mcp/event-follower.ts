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
  const state = { isStopped: false, seenSeq: 0, isReading: false, rangAgain: false };
  let retry: NodeJS.Timeout | undefined;

  async function readAll({ skein }: Followed): Promise<void> {
    while (state.rangAgain && !state.isStopped) {
      state.rangAgain = false;
      const events = await skein.store.read((reader) =>
        skein.events.after(reader, state.seenSeq, pageSize),
      );
      state.seenSeq = events.at(-1)?.seq ?? state.seenSeq;
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
        state.seenSeq = await endOfLog(project);
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

async function endOfLog({ skein }: Followed): Promise<number> {
  const head = await skein.store.read((reader) => skein.events.head(reader));
  return head.seq;
}

import type { McpContext, OpenProject } from "./context.ts";

/** Reads the log on whenever it grows, and hands over what is new. */
export interface EventFollower {
  /** Begins at the log's present end; again does nothing. */
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

export function createEventFollower(context: McpContext, onEvents: OnEvents): EventFollower {
  const state = { isStopped: false, seenSeq: 0, isReading: false, rangAgain: false };
  let unwatch: (() => void) | null = null;

  async function follow(project: OpenProject): Promise<void> {
    state.rangAgain = true;
    if (state.isReading) {
      return;
    }
    state.isReading = true;
    try {
      await readAll(project);
    } catch (error) {
      context.log(`event feed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      state.isReading = false;
    }
  }

  async function readAll({ skein }: OpenProject): Promise<void> {
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

  return {
    start: async () => {
      const project = await context.open();
      if (unwatch === null && !state.isStopped) {
        unwatch = project.skein.events.watch(() => void follow(project));
        state.seenSeq = await endOfLog(project);
        await follow(project);
      }
    },
    stop: () => {
      state.isStopped = true;
      unwatch?.();
    },
  };
}

async function endOfLog({ skein }: OpenProject): Promise<number> {
  const head = await skein.store.read((reader) => skein.events.head(reader));
  return head.seq;
}

import type { Event, Skein } from "../core/index.ts";

/** The end of a project's log as it grows, read once for all who follow it. */
export interface EventHub {
  /**
   * Calls back with what comes after the present end, in order, without gap or double; the answer tells where that end is. `leave` stops it.
   */
  follow(listener: HubListener): Promise<Following>;
  close(): void;
}

export interface HubListener {
  onEvents(events: readonly Event[]): void;
}

export interface Following {
  /** The last event that the listener is not told of. */
  readonly fromSeq: number;
  leave(): void;
}

const pageSize = 500;

/** Without a ring the log is looked at again after this time: a doorbell may be lost. */
const backstopMs = 2_000;

/** Nothing is watched or read while nobody follows. */
export function createEventHub(skein: Skein, log: (line: string) => void): EventHub {
  const listeners = new Set<HubListener>();
  const reading = createReading(skein, { listeners, log });
  let starting: Promise<() => void> | null = null;
  const stop = (): void => {
    void endOf(starting);
    starting = null;
  };
  const leave = (listener: HubListener): void => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      stop();
    }
  };
  return {
    follow: async (listener) => {
      listeners.add(listener);
      try {
        starting ??= start(skein, reading);
        await starting;
      } catch (error) {
        starting = null;
        listeners.delete(listener);
        throw error;
      }
      return {
        fromSeq: reading.seenSeq(),
        leave: () => {
          leave(listener);
        },
      };
    },
    close: () => {
      listeners.clear();
      stop();
    },
  };
}

async function endOf(starting: Promise<() => void> | null): Promise<void> {
  const end = await starting?.catch(() => null);
  end?.();
}

/** Watches the log from its present end on; the answer ends that. */
async function start(skein: Skein, reading: Reading): Promise<() => void> {
  const head = await skein.store.read((reader) => skein.events.head(reader));
  reading.beginAfter(head.seq);
  const unwatch = skein.events.watch(reading.ring);
  const timer = setInterval(reading.ring, backstopMs);
  timer.unref();
  reading.ring();
  return () => {
    clearInterval(timer);
    unwatch();
  };
}

/** Reads what the log has grown by, one page after the other and never twice at once. */
interface Reading {
  seenSeq(): number;
  beginAfter(seq: number): void;
  readonly ring: () => void;
}

interface ReadingParts {
  readonly listeners: ReadonlySet<HubListener>;
  readonly log: (line: string) => void;
}

function createReading(skein: Skein, { listeners, log }: ReadingParts): Reading {
  let seenSeq = 0;
  let isReading = false;
  let rangAgain = false;
  const readOn = async (): Promise<void> => {
    while (rangAgain && listeners.size > 0) {
      rangAgain = false;
      const events = await skein.store.read((reader) =>
        skein.events.after(reader, seenSeq, pageSize),
      );
      seenSeq = events.at(-1)?.seq ?? seenSeq;
      rangAgain ||= events.length === pageSize;
      for (const listener of events.length === 0 ? [] : listeners) {
        listener.onEvents(events);
      }
    }
  };
  return {
    seenSeq: () => seenSeq,
    beginAfter: (seq) => {
      seenSeq = seq;
    },
    ring: () => {
      rangAgain = true;
      if (!isReading) {
        isReading = true;
        void readOn()
          .catch((error: unknown) => {
            log(`event stream: ${error instanceof Error ? error.message : String(error)}`);
          })
          .finally(() => {
            isReading = false;
          });
      }
    },
  };
}

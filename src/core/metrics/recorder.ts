import type { Timer } from "../base/timer.ts";
import type { Store } from "../store/index.ts";
import type { HoldingMeter, Meter, ProcessFigures } from "./meter.ts";
import type { Metrics } from "./metrics.ts";

export interface RecorderDeps {
  readonly metrics: Metrics;
  readonly meter: HoldingMeter;
  /** The store itself, not one that is metered: a flush measures nothing. */
  readonly store: Pick<Store, "write">;
  readonly timer: Timer;
  /** The memory of this process in bytes; null where nobody can tell. */
  readonly memoryBytes: () => number | null;
}

/** Brings what a process measures into the store. */
export interface Recorder extends Meter, Pick<HoldingMeter, "refuse"> {
  /** What this process has measured since it began. */
  life(): ProcessFigures;
  /** Writes what is held, if any of it is a reason to, and takes nothing from then on. Never rejects. */
  close(): Promise<void>;
}

/** What is measured lies in memory for at most this long, in milliseconds: so much is lost with a process that is killed. */
const flushEveryMs = 60_000;

/**
 * Holds what is noted in memory and writes it a minute after the first of it, in one write of its own, and at the end. Nobody waits for that,
 * and a write that fails is forgotten with what it held: metrics are never worth a fault.
 */
export function createRecorder(deps: RecorderDeps): Recorder {
  const { meter, timer } = deps;
  const end = new AbortController();
  let isOver = false;
  let flushing: Promise<void> | null = null;
  const wait = async (): Promise<void> => {
    // What was noted during a flush waits for the next one.
    while (meter.isDue()) {
      await timer.sleep(flushEveryMs, end.signal);
      await flush(deps);
    }
    flushing = null;
  };
  return {
    refuse: (code) => {
      meter.refuse(code);
    },
    note: (name, labels, value) => {
      if (!isOver) {
        meter.note(name, labels, value);
        flushing ??= wait();
      }
    },
    life: () => meter.life(),
    close: async () => {
      isOver = true;
      end.abort();
      await flushing;
    },
  };
}

async function flush({ metrics, meter, store, memoryBytes }: RecorderDeps): Promise<void> {
  const memory = memoryBytes();
  if (memory !== null) {
    meter.note("process_memory", {}, memory);
  }
  const samples = meter.take();
  await store.write(async (tx) => metrics.add(tx, samples)).catch(() => undefined);
}

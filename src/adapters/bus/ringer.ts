import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";

import { createPauses, reasonOf, within } from "./carrier.ts";
import type { Carrier } from "./carrier.ts";

/** The shortest time between two sendings of one process, in milliseconds: a burst of commits rings once more at its end. */
const restMs = 5;

/** How long the end of a process waits for its last rings, in milliseconds. */
const farewellMs = 1_000;

export interface Ringer {
  /** Tells other processes, soon; again and again until the carrier has taken it. */
  ring(project: string): void;
  close(): Promise<void>;
}

/** Joins the rings of a burst, each project once, and repeats what could not be sent. */
export function createRinger(
  carrier: Pick<Carrier, "send">,
  onFault: (reason: string | null) => void,
): Ringer {
  const waiting = new Set<string>();
  const sendAll = createSending(carrier, waiting, onFault);
  const ending = new AbortController();
  const isOver = (): boolean => ending.signal.aborted;
  let lastMs = Number.NEGATIVE_INFINITY;
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    // Never at once: the connection on which the commit was made is about to become free.
    let pauseMs = Math.max(0, restMs - (performance.now() - lastMs));
    while (waiting.size > 0 && !isOver()) {
      await rest(pauseMs, ending.signal);
      if (!isOver()) {
        lastMs = performance.now();
        pauseMs = await sendAll();
      }
    }
    working = null;
  }

  async function sendLast(): Promise<void> {
    await working;
    if (waiting.size > 0) {
      await carrier.send([...waiting]);
    }
  }

  return {
    ring: (project) => {
      waiting.add(project);
      working ??= work();
    },
    close: async () => {
      ending.abort();
      await within(farewellMs, sendLast()).catch(() => {});
    },
  };
}

/** A timer takes a millisecond at least: whoever need not wait waits for this turn of the loop only. Never throws. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // A process that has nothing else to do does not stay for a carrier that is gone.
  const options = { signal, ref: ms <= restMs };
  await (ms > 0 ? pause(ms, null, options) : nextTurn(null, options)).catch(() => {});
}

/** Sends what waits, and tells how long to rest; what was not taken waits again. Never throws. */
function createSending(
  carrier: Pick<Carrier, "send">,
  waiting: Set<string>,
  onFault: (reason: string | null) => void,
): () => Promise<number> {
  const pauses = createPauses();
  return async () => {
    const projects = [...waiting];
    waiting.clear();
    try {
      await carrier.send(projects);
      pauses.reset();
      onFault(null);
      return restMs;
    } catch (error) {
      for (const project of projects) {
        waiting.add(project);
      }
      onFault(reasonOf(error));
      return pauses.nextMs();
    }
  };
}

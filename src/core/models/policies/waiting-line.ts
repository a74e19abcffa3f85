import type { Timer } from "../../base/timer.ts";
import { abortedError } from "./aborting.ts";
import { createRateWindow } from "./rate-window.ts";
import type { Place, Told } from "./rate-window.ts";

/** A line in front of a rate window: first come, first served. */
export interface WaitingLine {
  /**
   * Resolves with a place. Tells once how long to wait, if at all.
   *
   * @throws {ModelError} `aborted` as soon as the signal aborts.
   */
  enter(signal: AbortSignal, onWait: (waitMs: number | null) => void): Promise<Place>;
  leave(place: Place, told: Told): void;
  /** The requests in a window; null until a header told. */
  limit(): number | null;
}

export function createWaitingLine(timer: Timer): WaitingLine {
  const window = createRateWindow();
  const waiters: Waiter[] = [];
  let nap = new AbortController();

  const serve = (): void => {
    nap.abort();
    for (let [first] = waiters; first !== undefined; [first] = waiters) {
      const taken = window.take(timer.nowMs());
      if (taken.kind === "wait") {
        tellAll(waiters, taken.ms);
        nap = new AbortController();
        void wake(taken.ms, nap.signal);
        return;
      }
      waiters.shift();
      first.resolve(taken.place);
    }
  };
  const wake = async (ms: number | null, signal: AbortSignal): Promise<void> => {
    if (ms !== null) {
      await timer.sleep(ms, signal);
      if (!signal.aborted) {
        serve();
      }
    }
  };

  return {
    enter: (signal, onWait) => join({ waiters, serve }, signal, onWait),
    leave: (place, told) => {
      window.giveBack(place, told, timer.nowMs());
      serve();
    },
    limit: () => window.limit(),
  };
}

interface Waiter {
  readonly resolve: (place: Place) => void;
  readonly onWait: (waitMs: number | null) => void;
  isTold: boolean;
}

interface Line {
  readonly waiters: Waiter[];
  readonly serve: () => void;
}

function join(
  { waiters, serve }: Line,
  signal: AbortSignal,
  onWait: Waiter["onWait"],
): Promise<Place> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortedError(signal));
      return;
    }
    const giveUp = (): void => {
      waiters.splice(waiters.indexOf(waiter), 1);
      reject(abortedError(signal));
      serve();
    };
    const waiter: Waiter = {
      onWait,
      isTold: false,
      resolve: (place) => {
        signal.removeEventListener("abort", giveUp);
        resolve(place);
      },
    };
    signal.addEventListener("abort", giveUp, { once: true });
    waiters.push(waiter);
    serve();
  });
}

function tellAll(waiters: readonly Waiter[], waitMs: number | null): void {
  for (const waiter of waiters) {
    if (!waiter.isTold) {
      waiter.isTold = true;
      waiter.onWait(waitMs);
    }
  }
}

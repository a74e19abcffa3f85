import type { Timer } from "../../base/timer.ts";
import { abortedError } from "./aborting.ts";
import { createRateWindow } from "./rate-window.ts";
import type { Place, Told } from "./rate-window.ts";

/** A line in front of a rate window: first come, first served. */
export interface WaitingLine {
  /**
   * Resolves with a place. Tells once how long to wait, if at all; when `onWait` throws, the call leaves the line with that error.
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
  readonly reject: (error: unknown) => void;
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
    const leave = (error: unknown): void => {
      waiters.splice(waiters.indexOf(waiter), 1);
      signal.removeEventListener("abort", giveUp);
      reject(error);
    };
    const giveUp = (): void => {
      leave(abortedError(signal));
      serve();
    };
    const waiter: Waiter = {
      onWait,
      isTold: false,
      reject: leave,
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
  for (const waiter of waiters.filter(({ isTold }) => !isTold)) {
    waiter.isTold = true;
    try {
      waiter.onWait(waitMs);
    } catch (error) {
      waiter.reject(error);
    }
  }
}

import type { Timer } from "../../base/timer.ts";
import { abortedError } from "./aborting.ts";
import { createRateWindow } from "./rate-window.ts";
import type { Place, Taken, Told } from "./rate-window.ts";
import { createTokenWindows } from "./token-windows.ts";
import type { TokenNeeds, TokenPlace } from "./token-windows.ts";

/** A line in front of a provider's limits of requests and tokens: first come, first served. */
export interface WaitingLine {
  /**
   * Resolves with a place. Tells once how long to wait, if at all; when `onWait` throws, the call leaves the line with that error.
   *
   * @throws {ModelError} `aborted` as soon as the signal aborts.
   */
  enter(entry: Entry): Promise<LinePlace>;
  leave(place: LinePlace, ended: Ended): void;
  /** The requests in a window; null until a header told. */
  limit(): number | null;
}

/** A call that wants to go. */
export interface Entry {
  readonly needs: TokenNeeds;
  readonly signal: AbortSignal;
  readonly onWait: (waitMs: number | null) => void;
}

/** A place among the requests and among the tokens: to be given back when the call ends. */
export interface LinePlace {
  readonly request: Place;
  readonly tokens: TokenPlace;
}

export interface Ended extends Told {
  /** False for a call that never left. */
  readonly wasSent: boolean;
}

export function createWaitingLine(timer: Timer): WaitingLine {
  const window = createRateWindow();
  const tokens = createTokenWindows();
  const waiters: Waiter[] = [];
  let nap = new AbortController();

  const serve = (): void => {
    nap.abort();
    for (let [first] = waiters; first !== undefined; [first] = waiters) {
      const nowMs = timer.nowMs();
      const waitMs = tokens.waitMs(first.entry.needs, nowMs);
      const taken: Taken = waitMs === 0 ? window.take(nowMs) : { kind: "wait", ms: waitMs };
      if (taken.kind === "wait") {
        tellAll(waiters, taken.ms);
        if (waiters.length === 0) {
          // None of them may wait: a nap for nobody would keep the process from its end.
          return;
        }
        nap = new AbortController();
        void wake(taken.ms, nap.signal);
        return;
      }
      waiters.shift();
      first.resolve({ request: taken.place, tokens: tokens.take(first.entry.needs, nowMs) });
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
    enter: (entry) => join({ waiters, serve }, entry),
    leave: (place, { wasSent, ...told }) => {
      const nowMs = timer.nowMs();
      window.giveBack(place.request, told, nowMs);
      const wasCounted = wasSent && !told.isRefused;
      tokens.giveBack(place.tokens, { nowMs, limits: told.limits, wasCounted });
      serve();
    },
    limit: () => window.limit(),
  };
}

interface Waiter {
  readonly entry: Entry;
  readonly resolve: (place: LinePlace) => void;
  readonly reject: (error: unknown) => void;
  isTold: boolean;
}

interface Line {
  readonly waiters: Waiter[];
  readonly serve: () => void;
}

function join({ waiters, serve }: Line, entry: Entry): Promise<LinePlace> {
  const { signal } = entry;
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
      entry,
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
      waiter.entry.onWait(waitMs);
    } catch (error) {
      waiter.reject(error);
    }
  }
}

import type { Timer } from "../base/timer.ts";

/**
 * Where those of one process who wait try their luck: few at a time, in order of arrival. However many they are, whoever does not wait finds the
 * store's line and its connections free.
 */
export interface Places {
  /** Runs work in a place of its own; null when none came free in time. */
  run<T>(patience: Patience, work: () => Promise<T>): Promise<{ readonly value: T } | null>;
}

export interface Patience {
  readonly waitMs: number;
  readonly signal: AbortSignal | null;
}

/** Far fewer than a process has connections and a store has room for writers; more would not be served sooner, since one writes at a time. */
const usualPlaces = 8;

export function createPlaces(timer: Timer, most = usualPlaces): Places {
  const line: (() => void)[] = [];
  let taken = 0;
  const enter = async (patience: Patience): Promise<boolean> => {
    const { signal } = patience;
    if (taken < most) {
      taken += 1;
      return true;
    }
    if (isGone(signal)) {
      return false;
    }
    const isCalled = await callOf(timer, line, patience);
    // Who went away meanwhile gives its place on.
    if (isCalled && isGone(signal)) {
      leave();
      return false;
    }
    return isCalled;
  };
  const leave = (): void => {
    // The place goes on to whoever is called.
    const call = line.shift();
    if (call === undefined) {
      taken -= 1;
    } else {
      // Not at once: on a quick store one would follow the other, and nothing else of the process came between.
      setImmediate(call);
    }
  };
  return {
    run: async (patience, work) => {
      if (!(await enter(patience))) {
        return null;
      }
      try {
        return { value: await work() };
      } finally {
        leave();
      }
    },
  };
}

/** Stands in the line; false when its call did not come in time. */
async function callOf(
  timer: Timer,
  line: (() => void)[],
  { waitMs, signal }: Patience,
): Promise<boolean> {
  const called = new AbortController();
  const call = (): void => {
    called.abort();
  };
  line.push(call);
  await timer.sleep(waitMs, anyOf(called.signal, signal));
  const at = line.indexOf(call);
  if (at >= 0) {
    line.splice(at, 1);
  }
  // Who is no longer in the line has the place, even where the call is yet to come.
  return at < 0;
}

/** True when whoever asked has gone away. */
export function isGone(signal: AbortSignal | null): boolean {
  return signal?.aborted === true;
}

function anyOf(called: AbortSignal, signal: AbortSignal | null): AbortSignal {
  return signal === null ? called : AbortSignal.any([called, signal]);
}

import type { Calendar } from "./calendar.ts";

/** Some equal servers with one line in front of them, first come, first served: cores, connections, or the lock of a project. */
export interface Station {
  /** Waits for a server, and holds it until `leave`. */
  enter(next: () => void): void;
  leave(): void;
  /** Enters, is served for so long, and leaves. */
  serve(ms: number, next: () => void): void;
  /** The share of its servers' time that was used since `reset`, from 0 to 1. */
  utilisation(): number;
  /** How long those waited that entered since `reset`, in milliseconds on average. */
  meanWaitMs(): number;
  /** Forgets what was counted so far: the beginning of a run is no part of its figures. */
  reset(): void;
}

interface Waiting {
  readonly sinceMs: number;
  readonly next: () => void;
}

export function createStation(calendar: Calendar, servers: number): Station {
  let line: Waiting[] = [];
  let head = 0;
  let busy = 0;
  let [busyMs, changedMs, startedMs, entered, waitedMs] = [0, 0, 0, 0, 0];
  const count = (change: number): void => {
    const nowMs = calendar.nowMs();
    busyMs += busy * (nowMs - changedMs);
    changedMs = nowMs;
    busy += change;
  };
  const station: Station = {
    enter: (next) => {
      if (busy < servers) {
        entered += 1;
        count(1);
        next();
      } else {
        line.push({ sinceMs: calendar.nowMs(), next });
      }
    },
    leave: () => {
      const first = line[head];
      if (first === undefined) {
        count(-1);
        return;
      }
      // The next one takes the place over.
      head += 1;
      if (head > 1_000 && head * 2 > line.length) {
        line = line.slice(head);
        head = 0;
      }
      entered += 1;
      waitedMs += calendar.nowMs() - first.sinceMs;
      first.next();
    },
    serve: (ms, next) => {
      station.enter(() => {
        calendar.after(ms, () => {
          station.leave();
          next();
        });
      });
    },
    utilisation: () => {
      count(0);
      const lastedMs = calendar.nowMs() - startedMs;
      return lastedMs === 0 ? 0 : busyMs / (lastedMs * servers);
    },
    meanWaitMs: () => (entered === 0 ? 0 : waitedMs / entered),
    reset: () => {
      count(0);
      [busyMs, startedMs, entered, waitedMs] = [0, calendar.nowMs(), 0, 0];
    },
  };
  return station;
}

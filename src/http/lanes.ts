import { countedAs } from "../core/access/index.ts";
import type { Principal } from "../core/access/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import { httpErrors } from "./errors.ts";

/**
 * What a request is worth when there is more to do than can be done: `keep` keeps work alive or gives it back (renewals, ends, releases) and
 * goes first, then `take` (claims and other writes), then `read`; `wait` are calls that mostly sleep and take nobody's place.
 */
export type Lane = "keep" | "take" | "read" | "wait";

export interface LaneLimits {
  /** How many requests run at once. */
  readonly running: number;
  /** How many may stand in each line. */
  readonly waiting: Readonly<Record<Line, number>>;
  /** How long one may stand there, in milliseconds: an answer that comes later than its client waits is wasted. */
  readonly patienceMs: Readonly<Record<Line, number>>;
  /** How many calls may sleep at once. */
  readonly sleeping: number;
  /** How many calls of one principal may sleep at once; the user of the machine has no share of its own. */
  readonly sleepingEach: number;
  /** From which lag of the process on a lane is turned away at once, in milliseconds; renewals never are. */
  readonly lagMs: Readonly<Record<Exclude<Lane, "keep">, number>>;
}

export const usualLimits: LaneLimits = {
  running: 64,
  waiting: { keep: 2_000, take: 256, read: 128 },
  patienceMs: { keep: 10_000, take: 3_000, read: 1_500 },
  sleeping: 2_000,
  sleepingEach: 1_000,
  lagMs: { take: 1_000, read: 250, wait: 1_000 },
};

export interface Lanes {
  /** Runs work of somebody when its turn comes. @throws {SkeinError} SKN-7931 at once when its line is full, or when its turn did not come in time. */
  run<T>(lane: Lane, by: Principal, work: () => Promise<T>): Promise<T>;
  load(): LanesLoad;
  /** The most of each line that was taken at once since the last look, from 0 to 1: lines fill and empty within moments. */
  fullest(): Readonly<Record<Line, number>>;
}

export interface LanesLoad {
  readonly running: number;
  readonly sleeping: number;
  readonly waiting: Readonly<Record<Line, number>>;
  /** Requests that were sent away since the start, by lane. */
  readonly shed: Readonly<Record<Lane, number>>;
}

type Line = Exclude<Lane, "wait">;

interface Ticket {
  readonly start: () => void;
}

const ranks = ["keep", "take", "read"] as const;

/** Makes the lines of one server. */
export function createLanes(limits: LaneLimits, lagMs: () => number): Lanes {
  const line = createLine(limits);
  const shed: Record<Lane, number> = { keep: 0, take: 0, read: 0, wait: 0 };
  const sleepers = createSleepers(limits);

  const turnAway = (lane: Lane): never => {
    shed[lane] += 1;
    throw new SkeinError(httpErrors.overloaded, {
      facts: { lane },
      retryAfterMs: retryAfterMs[lane],
    });
  };

  const asleep = async <T>(by: Principal, work: () => Promise<T>): Promise<T> => {
    if (!sleepers.enter(by)) {
      turnAway("wait");
    }
    try {
      return await work();
    } finally {
      sleepers.leave(by);
    }
  };

  return {
    run: async (lane, by, work) => {
      if (lane !== "keep" && lagMs() > limits.lagMs[lane]) {
        turnAway(lane);
      }
      if (lane === "wait") {
        return asleep(by, work);
      }
      if (!(await line.enter(lane))) {
        turnAway(lane);
      }
      try {
        return await work();
      } finally {
        line.leave();
      }
    },
    load: () => ({ ...line.load(), sleeping: sleepers.count(), shed: { ...shed } }),
    fullest: line.fullest,
  };
}

interface Sleepers {
  /** False when there is no room left, or none of the principal's share. */
  enter(by: Principal): boolean;
  leave(by: Principal): void;
  count(): number;
}

function createSleepers({ sleeping: most, sleepingEach }: LaneLimits): Sleepers {
  const each = new Map<string, number>();
  let all = 0;
  const change = (by: Principal, step: 1 | -1): void => {
    all += step;
    each.set(countedAs(by), (each.get(countedAs(by)) ?? 0) + step);
    if (each.get(countedAs(by)) === 0) {
      each.delete(countedAs(by));
    }
  };
  return {
    enter: (by) => {
      const own = by.kind === "loopback" ? 0 : (each.get(countedAs(by)) ?? 0);
      const hasRoom = all < most && own < sleepingEach;
      if (hasRoom) {
        change(by, 1);
      }
      return hasRoom;
    },
    leave: (by) => {
      change(by, -1);
    },
    count: () => all,
  };
}

/** Those who are least in need come back last. */
const retryAfterMs: Readonly<Record<Lane, number>> = {
  keep: 1_000,
  take: 2_000,
  read: 5_000,
  wait: 5_000,
};

interface LineOfAll extends Pick<Lanes, "fullest"> {
  /** Takes a place among those that run; false when there is no room to stand, or the turn did not come in time. */
  enter(lane: Line): Promise<boolean>;
  leave(): void;
  load(): Pick<LanesLoad, "running" | "waiting">;
}

function createLine({ running: most, waiting: room, patienceMs }: LaneLimits): LineOfAll {
  const lines: Readonly<Record<Line, Ticket[]>> = { keep: [], take: [], read: [] };
  let running = 0;
  let longest = { keep: 0, take: 0, read: 0 };
  return {
    enter: async (lane) => {
      if (running < most) {
        running += 1;
        return true;
      }
      if (lines[lane].length >= room[lane]) {
        return false;
      }
      const turn = called(lines[lane], patienceMs[lane]);
      longest[lane] = Math.max(longest[lane], lines[lane].length);
      return turn;
    },
    fullest: () => {
      const { keep, take, read } = longest;
      longest = { keep: lines.keep.length, take: lines.take.length, read: lines.read.length };
      return { keep: keep / room.keep, take: take / room.take, read: read / room.read };
    },
    leave: () => {
      // The place goes on to whoever is called.
      const next = ranks.map((rank) => lines[rank]).find(({ length }) => length > 0);
      const ticket = next?.shift();
      if (ticket === undefined) {
        running -= 1;
      } else {
        ticket.start();
      }
    },
    load: () => ({
      running,
      waiting: { keep: lines.keep.length, take: lines.take.length, read: lines.read.length },
    }),
  };
}

/** Stands in a line until called; false when that took too long. */
function called(line: Ticket[], patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const ticket: Ticket = {
      start: () => {
        clearTimeout(timer);
        resolve(true);
      },
    };
    const timer = setTimeout(() => {
      line.splice(line.indexOf(ticket), 1);
      resolve(false);
    }, patienceMs);
    line.push(ticket);
  });
}

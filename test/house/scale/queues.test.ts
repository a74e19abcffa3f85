import { describe, expect, test } from "vitest";
import { createCalendar } from "../../../bench/scale/calendar.ts";
import { createChance } from "../../../bench/scale/chance.ts";
import { createStation } from "../../../bench/scale/station.ts";

interface Queue {
  readonly servers: number;
  /** How busy each server is, from 0 to 1; a service takes 1 ms on average. */
  readonly load: number;
  readonly service: "exponential" | "fixed";
  readonly seed: number;
}

/** Runs a line of its own kind long enough for its mean to settle. */
function runQueue({ servers, load, service, seed }: Queue): {
  readonly waitMs: number;
  readonly utilisation: number;
} {
  const calendar = createCalendar();
  const chance = createChance(seed);
  const station = createStation(calendar, servers);
  const arrive = (): void => {
    station.serve(service === "fixed" ? 1 : chance.exponential(1), () => {});
    calendar.after(chance.exponential(1 / (load * servers)), arrive);
  };
  arrive();
  calendar.runUntil(20_000);
  station.reset();
  calendar.runUntil(420_000 / servers + 20_000);
  return { waitMs: station.meanWaitMs(), utilisation: station.utilisation() };
}

/** Erlang's formula: how likely it is that all servers are busy. */
function erlangC(servers: number, load: number): number {
  const offered = servers * load;
  let term = 1;
  let sum = 1;
  for (let busy = 1; busy < servers; busy += 1) {
    term *= offered / busy;
    sum += term;
  }
  const all = (term * offered) / servers / (1 - load);
  return all / (sum + all);
}

describe("a station", () => {
  test.each([0.3, 0.5, 0.7, 0.8])("waits as M/M/1 does at a load of %d", (load) => {
    const { waitMs, utilisation } = runQueue({ servers: 1, load, service: "exponential", seed: 7 });

    const expected = load / (1 - load);
    expect(Math.abs(waitMs - expected) / expected).toBeLessThan(0.06);
    expect(Math.abs(utilisation - load)).toBeLessThan(0.01);
  });

  test.each([0.3, 0.5, 0.7, 0.8])("waits as M/D/1 does at a load of %d", (load) => {
    const { waitMs } = runQueue({ servers: 1, load, service: "fixed", seed: 11 });

    const expected = load / (2 * (1 - load));
    expect(Math.abs(waitMs - expected) / expected).toBeLessThan(0.06);
  });

  test.each([
    [4, 0.7],
    [16, 0.8],
  ])("waits as M/M/%d does at a load of %d", (servers, load) => {
    const { waitMs } = runQueue({ servers, load, service: "exponential", seed: 13 });

    const expected = erlangC(servers, load) / (servers * (1 - load));
    expect(Math.abs(waitMs - expected) / expected).toBeLessThan(0.08);
  });

  test("serves first who came first, and no more at once than it has servers", () => {
    const calendar = createCalendar();
    const station = createStation(calendar, 2);
    const ends: string[] = [];
    for (const [name, ms] of [
      ["a", 5],
      ["b", 1],
      ["c", 1],
      ["d", 1],
    ] as const) {
      station.serve(ms, () => ends.push(`${name} at ${String(calendar.nowMs())}`));
    }

    calendar.runUntil(10);

    expect(ends).toEqual(["b at 1", "c at 2", "d at 3", "a at 5"]);
  });
});

describe("a calendar", () => {
  test("runs what is due in order, and what is due at once in the order in which it was told", () => {
    const calendar = createCalendar();
    const chance = createChance(3);
    const seen: number[] = [];
    for (let at = 0; at < 2_000; at += 1) {
      calendar.after(Math.floor(chance.next() * 50), () => seen.push(calendar.nowMs()));
    }
    const same: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      calendar.after(60, () => same.push(at));
    }

    calendar.runUntil(100);

    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(seen.length).toBe(2_000);
    expect(same).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });
});

test("a seed decides every number", () => {
  const [one, same, other] = [createChance(1), createChance(1), createChance(2)];
  const draw = (chance: typeof one): readonly number[] =>
    Array.from({ length: 5 }, () => chance.next());

  const first = draw(one);
  expect(draw(same)).toEqual(first);
  expect(draw(other)).not.toEqual(first);
});

import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import { createPlaces } from "../../../src/core/dispatch/places.ts";
import { tryUntil } from "../../../src/core/dispatch/wait.ts";

const patient = { waitMs: 60_000, signal: null };

const unwatched = (): (() => void) => () => undefined;

/** Work that ends when it is told to. */
function aWork(): { readonly work: () => Promise<string>; readonly end: () => void } {
  const ending = new AbortController();
  const done = new Promise<string>((resolve) => {
    ending.signal.addEventListener("abort", () => {
      resolve("done");
    });
  });
  return {
    work: async () => done,
    end: () => {
      ending.abort();
    },
  };
}

describe("createPlaces", () => {
  test("serves no more than there are places, in order of arrival", async () => {
    const places = createPlaces(systemTimer, 2);
    const works = Array.from({ length: 5 }, aWork);
    const begun: number[] = [];

    const all = works.map(async ({ work }, at) =>
      places.run(patient, async () => {
        begun.push(at);
        return work();
      }),
    );
    await expect.poll(() => begun.length).toBe(2);
    const first = [...begun];
    works[1]?.end();
    await expect.poll(() => begun.length).toBe(3);
    const then = [...begun];
    for (const { end } of works) {
      end();
    }

    expect(await Promise.all(all)).toEqual(works.map(() => ({ value: "done" })));
    expect([first, then, begun]).toEqual([
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3, 4],
    ]);
  });

  test("lets go of whoever has no more time, or is gone, and gives the place to the next", async () => {
    const places = createPlaces(systemTimer, 1);
    const { work, end } = aWork();
    const leaving = new AbortController();
    const running = places.run(patient, work);

    const late = places.run({ waitMs: 1, signal: null }, async () => Promise.resolve("late"));
    const gone = places.run({ ...patient, signal: leaving.signal }, async () =>
      Promise.resolve("gone"),
    );
    const next = places.run(patient, async () => Promise.resolve("next"));
    leaving.abort();
    const refused = await Promise.all([late, gone]);
    end();

    expect(refused).toEqual([null, null]);
    expect(await Promise.all([running, next])).toEqual([{ value: "done" }, { value: "next" }]);
  });

  test("gives on the place of whoever goes away between its turn and its work", async () => {
    const places = createPlaces(systemTimer, 1);
    const leaving = new AbortController();
    const works: string[] = [];
    const first = places.run(patient, async () => {
      // Its place goes to the next, who is called in the turn after this one.
      setImmediate(() => {
        leaving.abort();
      });
      return Promise.resolve("first");
    });
    const gone = places.run({ ...patient, signal: leaving.signal }, async () => {
      works.push("gone");
      return Promise.resolve("gone");
    });
    const next = places.run(patient, async () => Promise.resolve("next"));

    expect(await Promise.all([first, gone, next])).toEqual([
      { value: "first" },
      null,
      { value: "next" },
    ]);
    expect(works).toEqual([]);
  });

  test("frees the place of work that throws, and lets other work of the process come between", async () => {
    const places = createPlaces(systemTimer, 1);
    let wasBetween = false;

    const broken = places.run(patient, async () => Promise.reject(new Error("broken")));
    const behind = places.run(patient, async () => Promise.resolve(wasBetween));
    setImmediate(() => {
      wasBetween = true;
    });

    await expect(broken).rejects.toThrow("broken");
    expect(await behind).toEqual({ value: true });
  });
});

describe("tryUntil in places", () => {
  test("tells a call that could not try once when to come back", async () => {
    const none = { run: async () => Promise.resolve(null) };
    const trying = tryUntil(
      { timer: systemTimer, watch: unwatched, places: none },
      { waitMs: 10, signal: null },
      async () => Promise.resolve({ isFinal: true, value: 1, againInMs: null }),
    );

    await expect(trying).rejects.toMatchObject({ code: "SKN-7802", retryAfterMs: 5_000 });
  });

  test("answers a call that has done something already with that, and not with a refusal", async () => {
    const none = { run: async () => Promise.resolve(null) };
    const answer = await tryUntil(
      { timer: systemTimer, watch: unwatched, places: none },
      { waitMs: 10, signal: null, untried: { value: "asked" } },
      async () => Promise.resolve({ isFinal: true, value: "answered", againInMs: null }),
    );

    expect(answer).toBe("asked");
  });

  test("gives the answer that it has when no place comes until its time is up", async () => {
    const places = createPlaces(systemTimer, 1);
    const { work, end } = aWork();
    let tries = 0;
    const waiting = tryUntil(
      { timer: systemTimer, watch: unwatched, places },
      { waitMs: 300, signal: null },
      async () => {
        tries += 1;
        return Promise.resolve({ isFinal: false, value: "nothing", againInMs: 50 });
      },
    );
    await setTimeout(10);
    const other = places.run(patient, work);

    const answer = await waiting;
    end();
    await other;

    expect([answer, tries]).toEqual(["nothing", 1]);
  });
});

import { describe, expect, test, vi } from "vitest";
import { createLag } from "../../src/http/lag.ts";
import { createLanes } from "../../src/http/lanes.ts";
import type { Principal } from "../../src/core/access/index.ts";
import type { Lane, Lanes } from "../../src/http/lanes.ts";

const limits = {
  running: 1,
  waiting: { keep: 3, take: 2, read: 1 },
  patienceMs: { keep: 5_000, take: 5_000, read: 5_000 },
  sleeping: 2,
  sleepingEach: 2,
  lagMs: { take: 1_000, read: 250, wait: 1_000 },
};

const ada: Principal = {
  id: "token:t1",
  kind: "token",
  name: "ada",
  role: "agent",
  project: "shop",
};

const noLag = (): number => 0;

/** Work that ends when it is told to. */
function aWork(): { readonly work: () => Promise<void>; readonly end: () => void } {
  const ending = new AbortController();
  const done = new Promise<void>((resolve) => {
    ending.signal.addEventListener("abort", () => {
      resolve();
    });
  });
  return {
    work: async () => done,
    end: () => {
      ending.abort();
    },
  };
}

async function outcome(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => "done",
    (error: unknown) => error,
  );
}

function occupied(lanes: Lanes): { readonly end: () => void; readonly running: Promise<void> } {
  const { work, end } = aWork();
  return { end, running: lanes.run("read", ada, work) };
}

describe("createLanes", () => {
  test("lets renewals go before claims, and claims before reads, whoever came first", async () => {
    const lanes = createLanes(limits, noLag);
    const first = occupied(lanes);
    const order: Lane[] = [];
    const note = (lane: Lane) => async () => {
      order.push(lane);
      return Promise.resolve();
    };

    const all = (["read", "take", "keep", "take", "keep"] as const).map(async (lane) =>
      lanes.run(lane, ada, note(lane)),
    );
    first.end();
    await Promise.all([first.running, ...all]);

    expect(order).toEqual(["keep", "keep", "take", "take", "read"]);
  });

  test("turns away at once whoever finds the line full, and says when to come back", async () => {
    const lanes = createLanes(limits, noLag);
    const first = occupied(lanes);
    const waiting = lanes.run("read", ada, async () => Promise.resolve());

    const turned = await outcome(lanes.run("read", ada, async () => Promise.resolve()));
    const kept = lanes.run("keep", ada, async () => Promise.resolve("renewed"));
    first.end();

    expect(turned).toMatchObject({ code: "SKN-7931", retryAfterMs: 5_000 });
    expect(await kept).toBe("renewed");
    await waiting;
    expect(lanes.load()).toMatchObject({
      running: 0,
      shed: { keep: 0, take: 0, read: 1, wait: 0 },
    });
  });

  test("tells how full each line was since the last look, also when it is empty again", async () => {
    const lanes = createLanes(limits, noLag);
    const first = occupied(lanes);
    const all = (["keep", "take", "take"] as const).map(async (lane) =>
      lanes.run(lane, ada, async () => Promise.resolve()),
    );
    const crowded = lanes.fullest();
    first.end();
    await Promise.all([first.running, ...all]);

    expect(crowded).toEqual({ keep: 1 / 3, take: 1, read: 0 });
    // What stood in line at the last look counts for the next one, too.
    expect(lanes.fullest()).toEqual(crowded);
    expect(lanes.fullest()).toEqual({ keep: 0, take: 0, read: 0 });
  });

  test("turns away whoever stood too long, and gives its place to nobody", async () => {
    const lanes = createLanes(
      { ...limits, patienceMs: { keep: 5_000, take: 5, read: 5_000 } },
      noLag,
    );
    const first = occupied(lanes);

    const late = await outcome(lanes.run("take", ada, async () => Promise.resolve()));
    first.end();
    await first.running;

    expect(late).toMatchObject({ code: "SKN-7931" });
    expect(lanes.load()).toMatchObject({ running: 0, waiting: { keep: 0, take: 0, read: 0 } });
  });

  test("gives the place on when work throws", async () => {
    const lanes = createLanes(limits, noLag);
    const thrown = await outcome(
      lanes.run("take", ada, async () => Promise.reject(new Error("broken"))),
    );

    expect(thrown).toMatchObject({ message: "broken" });
    expect(await lanes.run("take", ada, async () => Promise.resolve(1))).toBe(1);
  });

  test("lets calls that sleep take nobody's place, up to their own bound", async () => {
    const lanes = createLanes(limits, noLag);
    const sleepers = [aWork(), aWork()];
    const asleep = sleepers.map(async ({ work }) => lanes.run("wait", ada, work));

    const third = await outcome(lanes.run("wait", ada, async () => Promise.resolve()));
    const renewed = await lanes.run("keep", ada, async () => Promise.resolve("renewed"));
    for (const { end } of sleepers) {
      end();
    }
    await Promise.all(asleep);

    expect(third).toMatchObject({ code: "SKN-7931" });
    expect(renewed).toBe("renewed");
    expect(lanes.load().sleeping).toBe(0);
  });

  test("turns reads away when the process is late, then claims, and never renewals", async () => {
    let lagMs = 0;
    const lanes = createLanes(limits, () => lagMs);
    const tried = async (): Promise<readonly unknown[]> => {
      const seen: unknown[] = [];
      for (const lane of ["keep", "take", "wait", "read"] as const) {
        seen.push(await outcome(lanes.run(lane, ada, async () => Promise.resolve())));
      }
      return seen.map((each) => each === "done");
    };

    const calm = await tried();
    lagMs = 300;
    const late = await tried();
    lagMs = 2_000;
    const later = await tried();

    expect(calm).toEqual([true, true, true, true]);
    expect(late).toEqual([true, true, true, false]);
    expect(later).toEqual([true, false, false, false]);
  });
});

describe("createLag", () => {
  test("tells of a step that holds the process up while it lasts, and forgets it soon", () => {
    vi.useFakeTimers();
    let nowMs = 0;
    const lag = createLag(() => nowMs);
    const beat = (ms: number): void => {
      nowMs += ms;
      vi.advanceTimersByTime(25);
    };

    beat(25);
    const calm = lag.ms();
    nowMs += 400;
    const held = lag.ms();
    beat(0);
    const after = lag.ms();
    for (let n = 0; n < 20; n += 1) {
      beat(25);
    }
    const forgotten = lag.ms();
    lag.close();
    vi.useRealTimers();

    expect([calm, held, after]).toEqual([0, 375, 375]);
    expect(forgotten).toBeLessThan(1);
  });

  test("lets one principal have its share of calls that sleep, wherever it comes from, and others theirs", async () => {
    const lanes = createLanes({ ...limits, sleeping: 4, sleepingEach: 2 }, noLag);
    const { work } = aWork();
    const person: Principal = { ...ada, kind: "oidc", id: "oidc:1" };
    const own: Principal = { ...ada, kind: "loopback", id: "loopback" };
    for (const project of ["shop", "site"]) {
      void lanes.run("wait", { ...person, project }, work);
    }

    const turned = await outcome(lanes.run("wait", { ...person, project: "other" }, work));
    const fair = await outcome(lanes.run("wait", ada, async () => Promise.resolve()));
    void lanes.run("wait", own, work);
    void lanes.run("wait", own, work);

    expect(turned).toMatchObject({ code: "SKN-7931" });
    expect(fair).toBe("done");
    expect(lanes.load().sleeping).toBe(4);
  });
});

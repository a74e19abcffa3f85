import { describe, expect, test } from "vitest";
import { createLanes } from "../../src/http/lanes.ts";
import type { Lane, Lanes } from "../../src/http/lanes.ts";

const limits = {
  running: 1,
  waiting: { keep: 3, take: 2, read: 1 },
  patienceMs: { keep: 5_000, take: 5_000, read: 5_000 },
  sleeping: 2,
};

/** Work that ends when it is told to. */
function aWork(): { readonly work: () => Promise<void>; readonly end: () => void } {
  let end = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    work: async () => done,
    end: () => {
      end();
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
  return { end, running: lanes.run("read", work) };
}

describe("createLanes", () => {
  test("lets renewals go before claims, and claims before reads, whoever came first", async () => {
    const lanes = createLanes(limits);
    const first = occupied(lanes);
    const order: Lane[] = [];
    const note = (lane: Lane) => async () => {
      order.push(lane);
      return Promise.resolve();
    };

    const all = (["read", "take", "keep", "take", "keep"] as const).map(async (lane) =>
      lanes.run(lane, note(lane)),
    );
    first.end();
    await Promise.all([first.running, ...all]);

    expect(order).toEqual(["keep", "keep", "take", "take", "read"]);
  });

  test("turns away at once whoever finds the line full, and says when to come back", async () => {
    const lanes = createLanes(limits);
    const first = occupied(lanes);
    const waiting = lanes.run("read", async () => Promise.resolve());

    const turned = await outcome(lanes.run("read", async () => Promise.resolve()));
    const kept = lanes.run("keep", async () => Promise.resolve("renewed"));
    first.end();

    expect(turned).toMatchObject({ code: "SKN-7931", retryAfterMs: 5_000 });
    expect(await kept).toBe("renewed");
    await waiting;
    expect(lanes.load()).toMatchObject({
      running: 0,
      shed: { keep: 0, take: 0, read: 1, wait: 0 },
    });
  });

  test("turns away whoever stood too long, and gives its place to nobody", async () => {
    const lanes = createLanes({ ...limits, patienceMs: { keep: 5_000, take: 5, read: 5_000 } });
    const first = occupied(lanes);

    const late = await outcome(lanes.run("take", async () => Promise.resolve()));
    first.end();
    await first.running;

    expect(late).toMatchObject({ code: "SKN-7931" });
    expect(lanes.load()).toMatchObject({ running: 0, waiting: { keep: 0, take: 0, read: 0 } });
  });

  test("gives the place on when work throws", async () => {
    const lanes = createLanes(limits);
    const thrown = await outcome(
      lanes.run("take", async () => Promise.reject(new Error("broken"))),
    );

    expect(thrown).toMatchObject({ message: "broken" });
    expect(await lanes.run("take", async () => Promise.resolve(1))).toBe(1);
  });

  test("lets calls that sleep take nobody's place, up to their own bound", async () => {
    const lanes = createLanes(limits);
    const sleepers = [aWork(), aWork()];
    const asleep = sleepers.map(async ({ work }) => lanes.run("wait", work));

    const third = await outcome(lanes.run("wait", async () => Promise.resolve()));
    const renewed = await lanes.run("keep", async () => Promise.resolve("renewed"));
    for (const { end } of sleepers) {
      end();
    }
    await Promise.all(asleep);

    expect(third).toMatchObject({ code: "SKN-7931" });
    expect(renewed).toBe("renewed");
    expect(lanes.load().sleeping).toBe(0);
  });
});

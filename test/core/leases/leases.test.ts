import { describe, expect, test } from "vitest";
import { offerMs, placeKeptMs } from "../../../src/core/leases/index.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { because, createLeaseStand, leaseMigrations } from "../../support/leases.ts";
import type { LeaseStand } from "../../support/leases.ts";
import { openMemoryStore } from "../../support/stores.ts";
import type { VirtualTime } from "../../support/virtual-time.ts";

const released = { ...because, reason: "released" };
const waits = { queue: true };

async function stand(): Promise<LeaseStand & { readonly time: VirtualTime }> {
  const { store, time } = await openMemoryStore({ migrations: leaseMigrations });
  const made = createLeaseStand(store);
  for (const session of ["s1", "s2", "s3"] as const) {
    made.join(session, { renewedAtMs: time.nowMs() });
  }
  return { ...made, time };
}

/** s1 holds `a`, s2 and then s3 wait for it. */
async function standWithQueue(): Promise<LeaseStand & { readonly time: VirtualTime }> {
  const made = await stand();
  await made.ask("s1", "a");
  await made.ask("s2", "a", waits);
  await made.ask("s3", "a", waits);
  return made;
}

describe("a lease's time", () => {
  test("ends the lease for good when another takes the path after it", async () => {
    const { ask, join, leases, time, write } = await stand();
    await ask("s1", "a");
    time.advance(1_800_000);
    await ask("s2", "a");
    join("s1", { renewedAtMs: time.nowMs() });

    const again = await ask("s1", "a");

    expect(again.kind).toBe("refused");
    expect(await write(async (tx) => leases.get(tx, "L1"))).toMatchObject({
      releaseReason: "expired",
    });
  });

  test("lets a late call keep what nobody has taken", async () => {
    const { ask, join, time } = await stand();
    await ask("s1", "a");
    time.advance(2_000_000);
    join("s1", { renewedAtMs: time.nowMs() });

    expect((await ask("s2", "a")).kind).toBe("refused");
  });

  test("does not run while its session waits on a person", async () => {
    const { ask, join, time } = await stand();
    await ask("s1", "a");
    join("s1", { parked: true });
    time.advance(86_400_000);

    expect((await ask("s2", "a")).kind).toBe("refused");
  });

  test("is found over once, however often the session renewed", async () => {
    const { ask, join, leases, time, write } = await stand();
    await ask("s1", "a");
    await ask("s2", "b");
    time.advance(1_700_000);
    join("s1", { renewedAtMs: time.nowMs() });
    time.advance(100_000);

    const first = await write(async (tx) => leases.expired(tx));
    time.advance(1_700_000);
    const second = await write(async (tx) => leases.expired(tx));

    expect(first.map(({ id }) => id)).toEqual(["L2"]);
    expect(second.map(({ id }) => id).toSorted()).toEqual(["L1", "L2"]);
  });

  test("asked for again for a shorter time keeps the longer one", async () => {
    const { ask, join, leases, time, write } = await stand();
    join("s1", { renewedAtMs: time.nowMs() });
    await ask("s1", "a", { durationMs: 3_600_000 });
    const again = await ask("s1", "a", { durationMs: 120_000 });
    time.advance(3_599_999);
    const live = await write(async (tx) => leases.list(tx));

    expect(again).toMatchObject({ lease: { untilMs: live[0]?.untilMs } });
    expect(live.map(({ id }) => id)).toEqual(["L1"]);
  });

  test("of the edit hook is renewed by its own edits, once a minute", async () => {
    const { ask, join, leases, time, write } = await stand();
    await ask("s1", "a", { origin: "edit" });
    const check = async (): Promise<unknown> =>
      (
        await write(async (tx) => leases.check(tx, { session: "s1", ancestors: [], paths: ["a"] }))
      ).get("a");
    time.advance(59_999);
    const early = await check();
    await write(async (tx) => leases.renewEdit(tx, "L1"));
    time.advance(1);
    const due = await check();
    await write(async (tx) => leases.renewEdit(tx, "L1"));
    const after = await check();
    time.advance(1_799_999);
    join("s1", { renewedAtMs: time.nowMs() });
    const late = await check();
    time.advance(1);

    expect([early, due, after, late]).toMatchObject([
      { kind: "own", isRenewalDue: false },
      { kind: "own", isRenewalDue: true },
      { kind: "own", isRenewalDue: false },
      { kind: "own", isRenewalDue: true },
    ]);
    expect(await check()).toEqual({ kind: "free" });
  });
});

describe("the queue", () => {
  test("offers a freed path to the first for a while, then to the next", async () => {
    const { ask, leases, time, write } = await standWithQueue();
    await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, released));

    time.advance(offerMs - 1);
    const during = await ask("s3", "a", waits);
    time.advance(1);
    const after = await ask("s3", "a", waits);

    expect(during).toMatchObject({ kind: "refused", refused: [{ holder: "s2", by: null }] });
    expect(after.kind).toBe("granted");
  });

  test("forgets who has not asked for a minute", async () => {
    const { ask, leases, time, write } = await standWithQueue();
    time.advance(placeKeptMs - 1);
    const kept = await ask("s3", "a", waits);
    time.advance(1);
    const forgotten = await ask("s3", "a", waits);
    await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, released));
    const turn = await ask("s3", "a", waits);

    expect(kept).toMatchObject({ kind: "refused", ahead: 1 });
    expect(forgotten).toMatchObject({ kind: "refused", ahead: 0 });
    expect(turn.kind).toBe("granted");
  });

  test("puts a session that lost its place behind the others", async () => {
    const { ask, leases, time, write } = await standWithQueue();
    time.advance(placeKeptMs - 1);
    await ask("s3", "a", waits);
    time.advance(1);

    const late = await ask("s2", "a", waits);

    const order = await write(async (tx) => leases.waiting(tx));
    expect(late).toMatchObject({ kind: "refused", ahead: 1 });
    expect(order.map(({ session }) => session)).toEqual(["s3", "s2"]);
  });

  test("is not overtaken by sharers, so an exclusive waiter is served", async () => {
    const { ask, leases, write } = await stand();
    await ask("s1", "a", { mode: "shared" });
    await ask("s2", "a", waits);

    const sharer = await ask("s3", "a", { mode: "shared", queue: true });
    await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, released));

    expect(sharer.kind).toBe("refused");
    expect((await ask("s2", "a", waits)).kind).toBe("granted");
  });

  test("lets sharers through who wait for nothing but an exclusive holder", async () => {
    const { ask, leases, write } = await stand();
    await ask("s1", "a");
    await ask("s2", "a", { mode: "shared", queue: true });
    await write(async (tx) => leases.release(tx, { kind: "session", session: "s1" }, released));

    expect((await ask("s3", "a", { mode: "shared" })).kind).toBe("granted");
  });

  test("lets through whoever asks for other paths", async () => {
    const { ask } = await standWithQueue();

    expect((await ask("s1", "b")).kind).toBe("granted");
  });

  test("is left on request", async () => {
    const { leases, write } = await standWithQueue();

    const left = await write(async (tx) => leases.cancelWait(tx, "s2"));

    const order = await write(async (tx) => leases.waiting(tx));
    expect(left).toBe(true);
    expect(order.map(({ session }) => session)).toEqual(["s3"]);
  });

  test("refuses more than it can hold, and says when to try again", async () => {
    const { ask, join } = await stand();
    await ask("s1", "a");
    for (let number = 100; number < 300; number += 1) {
      join(`s${number}`);
      await ask(`s${number}`, "a", waits);
    }

    await expect(ask("s2", "a", waits)).rejects.toMatchObject({
      code: "SKN-7501",
      retryAfterMs: 15_000,
    });
  });
});

/** The CPU time of a look at so many paths among as many leases, in milliseconds. */
async function checkingTime(count: number): Promise<number> {
  const { ask, leases, write } = await stand();
  const paths = Array.from({ length: count }, (_, at) => `a/b${String(at)}/c.ts`);
  for (let start = 0; start < count; start += 250) {
    await ask("s1", paths.slice(start, start + 250).join(" "));
  }
  return write(async (tx) => {
    const startMs = cpuMs();
    const verdicts = await leases.check(tx, { session: "s2", ancestors: [], paths });
    expect([...verdicts.values()].every(({ kind }) => kind === "foreign")).toBe(true);
    return cpuMs() - startMs;
  });
}

describe("check", () => {
  test("takes four times as long for four times as many paths among as many leases, not sixteen times", async () => {
    await checkingTime(1_000);

    const [few, many] = [await checkingTime(2_000), await checkingTime(8_000)];

    expect(many / few).toBeLessThan(9);
  });

  test("finds a lease above a path, one of its ending, and one whose case differs where case does not count", async () => {
    const { store } = await openMemoryStore({ migrations: leaseMigrations });
    const { ask, join, leases, write } = createLeaseStand(store, true);
    join("s1");
    await ask("s1", "Src/ **/*.SQL docs/a.md");
    const paths = ["src/deep/a.ts", "x/y.sql", "DOCS/A.md", "docs/b.md"];

    const verdicts = await write(async (tx) =>
      leases.check(tx, { session: "s2", ancestors: [], paths }),
    );

    expect([...verdicts.values()].map(({ kind }) => kind)).toEqual([
      "foreign",
      "foreign",
      "foreign",
      "free",
    ]);
  });
});

import { describe, expect, test, vi } from "vitest";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import type { Timer } from "../../src/core/base/timer.ts";
import { countingOpener } from "../support/counted-store.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { aSend } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const ada = aCaller("ada");

async function standOf(
  open: OpenTestStore,
  tasks: Parameters<typeof aPlan>[0],
  timer: Timer = systemTimer,
): Promise<CoordinationStand> {
  const stand = await createStand(open, 1, { timer });
  await stand.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
  return stand;
}

const patience = { timeout: 80_000, interval: 10 };

/** No time passes: whoever sleeps is woken by a change alone. */
function aStandingTimer(): { readonly timer: Timer; readonly sleeping: () => number } {
  let asleep = 0;
  const sleep: Timer["sleep"] = async (_ms, signal) => {
    asleep += 1;
    await new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => {
        resolve();
      });
    });
    asleep -= 1;
  };
  return { timer: { nowMs: () => 0, sleep }, sleeping: () => asleep };
}

/** No time passes, until all of it has. */
function anEndingTimer(): { readonly timer: Timer; readonly end: () => void } {
  const over = new AbortController();
  const sleep: Timer["sleep"] = async (_ms, signal) => {
    const wakes = [over.signal, ...(signal === null ? [] : [signal])];
    const woken = AbortSignal.any(wakes);
    await new Promise<void>((resolve) => {
      if (woken.aborted) {
        resolve();
      }
      woken.addEventListener("abort", () => {
        resolve();
      });
    });
  };
  const nowMs = (): number => (over.signal.aborted ? 60_000 : 0);
  const end = (): void => {
    over.abort();
  };
  return { timer: { nowMs, sleep }, end };
}

/** As many tasks as told, in so many folders, of which each task takes all. */
function crowded(count: number, folders: number): Parameters<typeof aPlan>[0] {
  return Array.from({ length: count }, (_, at) =>
    aTask(`T${String(at)}`, {
      files: [`area-${String(at % folders)}/**`, `own/${String(at)}.ts`],
    }),
  );
}

async function holding(
  stand: CoordinationStand,
  name: string,
): Promise<{ readonly task: string; readonly fence: number }> {
  const { claim } = await stand.dispatch.nextTask(next(aCaller(name)));
  if (claim === null) {
    throw new Error(`${name} got nothing.`);
  }
  return { task: claim.task.id, fence: claim.fence };
}

eachStore("a request for work", (open) => {
  test("asks the store for nothing that the first look has not found, which is 11 statements with an own scope", async () => {
    const [counted, counts] = countingOpener(open);
    const tasks = [1, 2, 3].map((at) =>
      aTask(`T${String(at)}`, { files: [`src/${String(at)}.ts`] }),
    );
    const stand = await standOf(counted, tasks);
    await stand.dispatch.identify(ada);
    await stand.dispatch.recover();

    const before = counts.statements;
    const { claim } = await stand.dispatch.nextTask(next(ada));

    expect(claim?.task.id).toBe("T1");
    expect(counts.statements - before).toBeLessThanOrEqual(11);
  });
});

eachStore("waiting for work", (open) => {
  test("tells at its end what the plan waits for then", async () => {
    const { timer, end } = anEndingTimer();
    const stand = await standOf(open, [aTask("T1"), aTask("T2")], timer);
    const held = [await holding(stand, "a"), await holding(stand, "b")];
    const waits = ["c", "d"].map((name) =>
      stand.dispatch.nextTask({ ...next(aCaller(name)), waitMs: 2_000 }),
    );
    await vi.waitFor(async () => {
      const joined = await stand.store.read((reader) => stand.sessions.list(reader, "all"));
      expect(joined).toHaveLength(4);
    }, patience);

    for (const [at, name] of ["a", "b"].entries()) {
      await stand.dispatch.finishTask(finish(aCaller(name), held[at] ?? { task: "", fence: 0 }));
    }
    end();

    for (const { claim, waiting } of await Promise.all(waits)) {
      expect(claim).toBeNull();
      expect(waiting).toMatchObject({ claimed: 0, done: 2 });
    }
  });

  describe("a look at many tasks whose paths are taken", () => {
    test("costs some statements for all of them, and tells what is in the way", async () => {
      const [counted, counts] = countingOpener(open);
      const stand = await standOf(counted, crowded(300, 4));
      for (const name of ["a", "b", "c", "d"]) {
        await holding(stand, name);
      }
      const before = counts.statements;

      const { waiting } = await stand.dispatch.nextTask(next(ada));

      // Six pages of tasks, none looked at one by one.
      expect(counts.statements - before).toBeLessThan(150);
      expect(waiting).toMatchObject({ onPaths: 296, claimed: 4, isForAll: true });
      expect(waiting?.reasons).toHaveLength(5);
    });

    test("is not made again by the next who asks while the money is used up, until something changes", async () => {
      const [counted, counts] = countingOpener(open);
      const stand = await createStand(counted, 1, { timer: systemTimer });
      const tasks = Array.from({ length: 200 }, (_, at) => aTask(`T${String(at)}`));
      const plan = aPlan(tasks, { budgetMicroUsd: 1 });
      await stand.dispatch.importPlan(plan, { actor: "person:ana" });
      const both = [aCaller("one"), aCaller("other")] as const;
      for (const caller of both) {
        await stand.dispatch.identify(caller);
      }

      const first = await stand.dispatch.nextTask(next(both[0]));
      const before = counts.statements;
      const again = await stand.dispatch.nextTask(next(both[1]));
      const cost = counts.statements - before;
      await stand.dispatch.importPlan({ ...plan, budgetMicroUsd: null }, { actor: "person:ana" });
      const given = await stand.dispatch.nextTask(next(both[1]));

      expect(again.waiting?.reasons).toEqual(first.waiting?.reasons);
      expect(again.waiting).toMatchObject({ isForAll: true });
      // The session, the first look with its page, and what there is to tell; no page after it.
      expect(cost).toBeLessThan(7);
      expect(given.claim?.task.id).toBe("T0");
    });

    test("walks through the log for a paused plan once, and anew for its next pause", async () => {
      const stand = await standOf(open, crowded(2, 1));
      const newest = vi.spyOn(stand.events, "newest");
      const told: (string | undefined)[] = [];
      for (const reason of ["the API changes", "it changes again"]) {
        await stand.dispatch.pausePlan("demo", { actor: "person:ana", reason });
        for (const name of ["one", "other"]) {
          const { waiting } = await stand.dispatch.nextTask(next(aCaller(name)));
          told.push(waiting?.reasons[0]);
        }
        await stand.dispatch.resumePlan("demo", { actor: "person:bob", reason: "it is settled" });
      }

      expect(newest).toHaveBeenCalledTimes(2);
      expect(told.map((text) => /by person:ana: ([\w ]+)\./u.exec(text ?? "")?.[1])).toEqual([
        "the API changes",
        "the API changes",
        "it changes again",
        "it changes again",
      ]);
    });

    test("does not take the pause of an archived plan for that of a new one of its id", async () => {
      const stand = await standOf(open, crowded(2, 1));
      const told: (string | undefined)[] = [];
      for (const actor of ["person:ana", "person:bob"] as const) {
        await stand.dispatch.pausePlan("demo", { actor, reason: "the API changes" });
        const { waiting } = await stand.dispatch.nextTask(next(aCaller("one")));
        told.push(/ by (person:\w+)/u.exec(waiting?.reasons[0] ?? "")?.[1]);
        await stand.store.write((tx) => stand.plans.prunePlan(tx, "demo"));
        stand.time.advance(1_000);
        await stand.dispatch.importPlan(aPlan(crowded(2, 1)), { actor: "person:ana" });
      }

      expect(told).toEqual(["person:ana", "person:bob"]);
    });

    test("gives the one task among them whose paths are free", async () => {
      const stand = await standOf(open, [
        ...crowded(100, 2),
        aTask("FREE", { priority: "low", files: ["free/**"] }),
      ]);
      await holding(stand, "a");
      await holding(stand, "b");

      expect((await holding(stand, "ada")).task).toBe("FREE");
    });

    test("keeps what an earlier waiter has a right to, and gives it to that one", async () => {
      const stand = await standOf(open, crowded(12, 3));
      for (const name of ["a", "b"]) {
        await holding(stand, name);
      }
      const asking = {
        caller: aCaller("waiter"),
        paths: ["area-2/x.ts", "area-1/x.ts"],
        mode: "exclusive" as const,
        durationMs: null,
        reason: "waits",
        waitMs: 30_000,
        origin: "files" as const,
        key: null,
        signal: AbortSignal.abort(),
      };
      await stand.dispatch.claimFiles(asking);

      const { claim, waiting } = await stand.dispatch.nextTask(next(ada));

      expect(claim).toBeNull();
      expect(waiting).toMatchObject({ onPaths: 10, isForAll: false });
    });
  });

  describe("many who wait", () => {
    test("try once for a change that brings nothing, and each gets what comes", async () => {
      const [counted, counts] = countingOpener(open);
      const { timer, sleeping } = aStandingTimer();
      const stand = await standOf(counted, crowded(40, 2), timer);
      const first = await holding(stand, "a");
      await holding(stand, "b");
      const names = Array.from({ length: 16 }, (_, at) => `w${String(at)}`);
      const leave = new AbortController();
      const waiting = names.map(async (name) =>
        stand.dispatch.nextTask(next(aCaller(name), { waitMs: 30_000, signal: leave.signal })),
      );
      await vi.waitFor(() => expect(sleeping()).toBe(16), patience);
      const before = counts.writes;

      await stand.dispatch.finishTask(finish(aCaller("a"), first));
      const winner = await Promise.any(
        waiting.map(async (each, at) => {
          const { claim } = await each;
          return claim === null ? Promise.reject(new Error("nothing")) : { at, claim };
        }),
      );
      await vi.waitFor(() => expect(sleeping()).toBe(15), patience);
      const tries = counts.writes - before;
      leave.abort();
      const rest = await Promise.all(waiting);

      expect(winner.claim.task.files[0]).toBe("area-0/**");
      expect(rest.filter(({ claim }) => claim !== null)).toHaveLength(1);
      // The end itself, the one that got it, and a few who looked before it was known that there is no more; not all sixteen.
      expect(tries).toBeLessThan(8);
    });

    test("are not spoken for by others when they have a message or hold what is in the way", async () => {
      const stand = await standOf(open, crowded(8, 1));
      const held = await holding(stand, "a");
      const bob = aCaller("bob");
      const waits = next(bob, { waitMs: 30_000 });
      const waiting = stand.dispatch.nextTask(waits);
      const other = stand.dispatch.nextTask(next(ada, { waitMs: 30_000 }));
      await expect.poll(async () => (await stand.dispatch.find(bob)) !== null, patience).toBe(true);

      await stand.store.write((tx) =>
        stand.messages.send(tx, aSend({ to: { kind: "all" }, text: "hello" })),
      );
      const told = await Promise.all([waiting, other]);
      await stand.dispatch.finishTask(finish(aCaller("a"), held));

      expect(told.map(({ inbox }) => inbox.map(({ text }) => text))).toEqual([
        ["hello"],
        ["hello"],
      ]);
    });
  });
});

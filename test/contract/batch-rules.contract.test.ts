import { expect, test } from "vitest";
import { SkeinError } from "../../src/core/base/errors.ts";
import type { Caller, Room } from "../../src/core/dispatch/index.ts";
import { sessionErrors } from "../../src/core/sessions/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { askTogether, boardOf, codeOf, joined, taskOf } from "../support/asked-together.ts";
import { aCaller, aPlan, aTask, finish, next } from "../support/coordination.ts";
import { aRequest } from "../support/leases.ts";
import { eachStore } from "../support/stores.ts";

const megabyte = 1_048_576;

eachStore("what holds for one who asks for work, where several ask at the same time:", (open) => {
  test("they are told the work that landed on their paths", async () => {
    const board = await boardOf(open);
    const commit = "b".repeat(40);
    const tasks = ["A", "B"].map((id) => aTask(id, { files: ["lib/one.ts"] }));
    await board.dispatch.importPlan(aPlan([...tasks, aTask("C")], { id: "lib", verify: "merge" }), {
      actor: "person:ana",
    });
    const [ada, bob] = await Promise.all([joined(board, "ada"), joined(board, "bob")]);
    const { claim } = await board.dispatch.nextTask(next(ada, { plan: "lib" }));
    const done = { task: "lib/A", fence: claim?.fence ?? 0 };
    await board.dispatch.finishTask(finish(ada, done, { commit: "a".repeat(40) }));
    await board.store.write(async (tx) =>
      board.leases.integrated(tx, {
        plan: "lib",
        task: "A",
        commit,
        actor: "system",
        cause: null,
      }),
    );

    const outcomes = await askTogether(board, asking([ada, bob], "lib"));

    expect(outcomes.map(taskOf)).toEqual(["B", "C"]);
    expect(outcomes[0]).toMatchObject({ value: { claim: { baseCommits: [commit] } } });
  });

  test("the best tasks go first, whatever their order in the plan", async () => {
    const board = await boardOf(open);
    const ranks = ["low", "high", "critical"] as const;
    const tasks = ranks.map((priority) => aTask(priority, { priority }));
    await board.dispatch.importPlan(aPlan(tasks, { id: "lib" }), { actor: "person:ana" });
    const [ada, bob] = await Promise.all([joined(board, "ada"), joined(board, "bob")]);

    const outcomes = await askTogether(board, asking([ada, bob], "lib"));

    expect(outcomes.map(taskOf)).toEqual(["critical", "high"]);
  });

  test("whoever stands in the queue for a path has it before them", async () => {
    const board = await boardOf(open);
    const callers = await Promise.all([joined(board, "ada"), joined(board, "bob")]);
    const [first, second] = await Promise.all(
      ["first", "second"].map(async (name) => board.dispatch.identify(aCaller(name))),
    );
    for (const standing of [first, second]) {
      const session = standing?.session.id ?? "s0";
      const request = { ...aRequest(session, "src/0/one.ts"), queue: true };
      await board.store.write((tx) => board.leases.request(tx, request));
    }
    await board.store.write((tx) =>
      board.leases.release(
        tx,
        { kind: "session", session: first?.session.id ?? "s0" },
        { actor: "system", cause: null, reason: "released" },
      ),
    );

    const outcomes = await askTogether(board, asking(callers));

    expect(outcomes.map(taskOf)).toEqual(["T1", "T2"]);
  });

  test("a plan gets no more tasks in work than it may have", async () => {
    const board = await boardOf(open);
    const callers = await Promise.all(["a", "b", "c"].map((name) => joined(board, name)));
    await board.store.write((tx) =>
      board.plans.limitParallel(tx, {
        limit: { most: 2, because: "the profile development" },
        actor: "system",
      }),
    );

    const outcomes = await askTogether(board, asking(callers));

    expect(outcomes.map(taskOf)).toEqual(["T0", "T1", undefined]);
  });

  test.each([{ kind: "all" }, { kind: "role", role: "worker" }] as const)(
    "each is told what was said to $kind",
    async (to) => {
      const board = await boardOf(open);
      const callers = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
      const { session } = await board.dispatch.identify(aCaller("eve"));
      const message = { from: session.id, fromName: "eve", to, text: "Hello.", thread: null };
      await board.store.write((tx) =>
        board.messages.send(tx, { ...message, actor: "system", cause: null, expiresInMs: null }),
      );

      const outcomes = await askTogether(board, asking(callers));

      expect(outcomes).toMatchObject(
        callers.map(() => ({ value: { inbox: [{ text: "Hello." }] } })),
      );
    },
  );

  test("a session works under the leases of those above it", async () => {
    const board = await boardOf(open);
    const [parent, other] = await Promise.all([joined(board, "parent"), joined(board, "other")]);
    const { session } = await board.dispatch.identify(parent);
    await board.store.write((tx) => board.leases.request(tx, aRequest(session.id, "src/0/")));
    const child = aCaller("child", { parentExternalId: "test:parent" });
    const { handle } = await board.dispatch.identify(child);

    const outcomes = await askTogether(board, asking([{ ...child, handle }, other]));

    expect(outcomes.map(taskOf)).toEqual(["T0", "T1"]);
  });

  test("nobody gets a session of another principal, nor one whose proof counts no more", async () => {
    const board = await boardOf(open);
    const [ada, bob, eve] = await Promise.all([
      joined(board, "ada"),
      joined(board, "bob"),
      joined(board, "eve"),
    ]);
    const principal = { id: "token:t1", kind: "token", role: "agent" } as const;

    const outcomes = await askTogether(
      board,
      asking([ada, { ...bob, principal }, { ...eve, ensureAdmitted: refuse }]),
    );

    expect(outcomes.map(taskOf)).toEqual(["T0", undefined, undefined]);
    expect(outcomes.map(codeOf)).toEqual([undefined, "SKN-3303", "SKN-3301"]);
  });

  test("a call counts once against its session's rate, however often the write is tried", async () => {
    let isUndone = false;
    const board = await boardOf(async (options) => {
      const opened = await open(options);
      return {
        ...opened,
        store: { ...opened.store, write: tryingTwice(opened.store, () => isUndone) },
      };
    });
    const callers = await Promise.all([joined(board, "ada"), joined(board, "bob")]);
    const { session } = await board.dispatch.identify(callers[0]);
    for (let left = 98; left > 0; left -= 1) {
      board.sessions.admit(session.id);
    }
    isUndone = true;

    const outcomes = await askTogether(board, asking(callers));

    expect(outcomes.map(taskOf)).toEqual(["T0", "T1"]);
  });

  test("a machine that is nearly full gives nobody new work", async () => {
    let room: Room | null = null;
    const board = await boardOf(open, { room: () => room });
    const callers = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
    room = {
      freeMemoryBytes: 63 * megabyte,
      leastMemoryBytes: 64 * megabyte,
      freeDiskBytes: 512 * megabyte,
      leastDiskBytes: 256 * megabyte,
    };

    const outcomes = await askTogether(board, asking(callers));

    expect(outcomes.map(codeOf)).toEqual(["SKN-7801", "SKN-7801"]);
  });
});

function asking(callers: readonly (Caller | undefined)[], plan: string | null = null) {
  return callers.flatMap((caller) => (caller === undefined ? [] : [next(caller, { plan })]));
}

async function refuse(): Promise<void> {
  return Promise.reject(new SkeinError(sessionErrors.unknownHandle));
}

/** A store's write that undoes what is done for several at once, where that is asked for, and does it anew, as after a conflict. */
function tryingTwice(store: Store, isUndone: () => boolean): Store["write"] {
  const undone = new Error("Somebody else was faster.");
  return async (work, first) => {
    try {
      return await store.write(async (tx) => {
        const result = await work(tx);
        if (isUndone() && result instanceof Map) {
          throw undone;
        }
        return result;
      }, first);
    } catch (error) {
      if (error !== undone) {
        throw error;
      }
      return store.write(work, first);
    }
  };
}

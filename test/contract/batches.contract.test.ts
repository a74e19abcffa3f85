import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import type { SessionId } from "../../src/core/base/ids.ts";
import { noLimits } from "../../src/core/base/project-limits.ts";
import type { Caller } from "../../src/core/dispatch/index.ts";
import type { EventOrigin } from "../../src/core/events/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import {
  askTogether,
  boardOf,
  codeOf,
  joined,
  taskOf,
  violationsOf,
} from "../support/asked-together.ts";
import type { Board } from "../support/asked-together.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import { eachStore, openMemoryStore } from "../support/stores.ts";

eachStore("sessions that ask for work at the same time", (open) => {
  test("are served by one write, each with a task, leases and an event of its own", async () => {
    const board = await boardOf(open);
    const callers = await Promise.all(["a", "b", "c", "d"].map((name) => joined(board, name)));
    await board.dispatch.recover();
    const { writes, statements } = board.counts;

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    // One is that behind which they meet.
    expect(board.counts.writes - writes).toBe(2);
    expect(board.counts.statements - statements).toBeLessThan(30);
    expect(outcomes.map(taskOf)).toEqual(["T0", "T1", "T2", "T3"]);
    expect(await violationsOf(board)).toEqual([]);
  });

  test.each([1, 2, 8, 11])("ask first what was told of them: %i at once", async (count) => {
    const board = await boardOf(open);
    const names = Array.from({ length: count }, (_, at) => `agent-${String(at)}`);
    const callers = await Promise.all(names.map((name) => joined(board, name)));
    await board.dispatch.recover();
    const { writes, foreseen, missed } = board.counts;

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    expect(outcomes.map(taskOf)).toEqual(names.map((_, at) => `T${String(at)}`));
    expect(board.counts.writes - writes).toBe(2);
    expect(board.counts.missed - missed).toBe(0);
    // Sessions by the eight, the project's places, the ready tasks; one alone asks for its session.
    const told = count === 1 ? 1 : Math.ceil(count / 8) + 2;
    expect(board.counts.foreseen - foreseen).toBe(told);
  });

  test("each get what is theirs where some are not as usual", async () => {
    const board = await boardOf(open);
    const { dispatch, store, messages } = board;
    const [plain, holder, read, twice, parent] = await Promise.all(
      ["plain", "holder", "read", "twice", "parent"].map((name) => joined(board, name)),
    );
    const child = await dispatch.identify(aCaller("child", { parentExternalId: "test:parent" }));
    const held = await dispatch.nextTask(next(holder ?? raise()));
    const reader = await dispatch.identify(read ?? raise());
    await store.write((tx) =>
      messages.send(tx, {
        from: held.standing.session.id,
        fromName: "holder",
        actor: "system",
        cause: null,
        to: { kind: "session", session: reader.session.id },
        text: "Hello.",
        thread: null,
        expiresInMs: null,
      }),
    );
    const unknown = { ...aCaller("unknown"), handle: "s1_AAAAAAAAAAAAAAAAAAAAAAAAAA" };

    const outcomes = await askTogether(board, [
      next(plain ?? raise()),
      next(holder ?? raise()),
      next(read ?? raise()),
      next(twice ?? raise()),
      next(twice ?? raise()),
      next({ ...aCaller("child"), handle: child.handle }),
      next(unknown),
      next(parent ?? raise(), { key: "\n" }),
      next(parent ?? raise()),
    ]);

    const [, again, mailed, first, second, ofChild, nobody, badKey, ofParent] = outcomes;
    expect(taskOf(again)).toBe(held.claim?.task.id);
    expect(mailed).toMatchObject({ value: { inbox: [{ text: "Hello." }] } });
    expect(taskOf(first)).toBe(taskOf(second));
    expect(codeOf(nobody)).toBe("SKN-3301");
    expect(codeOf(badKey)).toBe("SKN-1303");
    const given = [outcomes[0], again, mailed, first, ofChild, ofParent].map(taskOf);
    expect(new Set(given).size).toBe(given.length);
    expect(given).not.toContain(undefined);
    expect(await violationsOf(board)).toEqual([]);
  });

  test("have the effect of a key once", async () => {
    const board = await boardOf(open);
    const [ada, bob, eve] = await Promise.all(
      ["ada", "bob", "eve"].map((name) => joined(board, name)),
    );
    const requests = [
      next(ada ?? raise(), { key: "k1" }),
      next(bob ?? raise(), { key: "k1" }),
      next(eve ?? raise(), { key: "k2" }),
    ];
    const before = await askTogether(board, requests);
    const claim = before[0]?.status === "fulfilled" ? before[0].value.claim : null;
    const held = { task: claim?.task.id ?? "", fence: claim?.fence ?? 0 };
    await board.dispatch.finishTask(finish(ada ?? raise(), held));

    const after = await askTogether(board, [
      ...requests,
      next(eve ?? raise(), { key: "k2", plan: "demo" }),
    ]);

    expect(after.slice(0, 3).map(taskOf)).toEqual(before.map(taskOf));
    expect(codeOf(after[3])).toBe("SKN-4301");
    expect((await board.dispatch.nextTask(next(ada ?? raise()))).claim?.task.id).toBe("T3");
  });

  test("are told apart by who asked a server for each", async () => {
    let origin: EventOrigin | null = null;
    const board = await boardOf(open, { caller: () => origin });
    const callers = await Promise.all(["a", "b", "c"].map((name) => joined(board, name)));
    await board.dispatch.recover();
    const writing = board.store.write((tx) => tx.get("SELECT 1 AS one", []));
    const asked = callers.map((caller, at) => {
      origin =
        at === 1 ? null : { principal: `token:t${String(at)}`, name: "", action: "tool:next_task" };
      return board.dispatch.nextTask(next(caller));
    });
    origin = null;
    const outcomes = await Promise.all(asked);
    await writing;

    const events = await board.store.read((reader) => board.events.after(reader, 0, 100));
    const by = outcomes.map(
      ({ claim }) => events.find(({ seq }) => seq === claim?.fence)?.by?.principal ?? null,
    );
    expect(by).toEqual(["token:t0", null, "token:t2"]);
  });

  test("do not pass the end of a full log together", async () => {
    const prepared = await boardOf(open);
    const callers = await Promise.all(["a", "b", "c"].map((name) => joined(prepared, name)));
    const begun = await prepared.store.read((reader) => prepared.events.head(reader));
    const events = begun.seq + 2;
    const board = await createStand(open, 2, { limits: { ...noLimits, events } });

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    const { seq } = await board.store.read((reader) => board.events.head(reader));
    expect(seq).toBe(events);
    expect(outcomes.filter((each) => codeOf(each) === "SKN-4201")).toHaveLength(1);
    expect(outcomes.filter((each) => taskOf(each) !== undefined)).toHaveLength(2);
  });

  test("ask by themselves where the tasks name very many paths", async () => {
    const board = await boardOf(open);
    const files = Array.from({ length: 200 }, (_, at) => `wide/${String(at)}`);
    const tasks = ["A", "B", "C"].map((id) =>
      aTask(id, { files: files.map((file) => `${id}/${file}`) }),
    );
    await board.dispatch.importPlan(aPlan(tasks, { id: "wide" }), { actor: "person:ana" });
    const callers = await Promise.all(["a", "b", "c"].map((name) => joined(board, name)));
    await board.dispatch.recover();
    const { writes } = board.counts;

    const outcomes = await askTogether(
      board,
      callers.slice(0, 2).map((caller) => next(caller, { plan: "wide" })),
    );

    expect(outcomes.map(taskOf)).toEqual(["A", "B"]);
    expect(board.counts.writes - writes).toBe(4);
  });

  test("ask by themselves where the tasks' globs take long to compare", async () => {
    const board = await boardOf(open);
    const tasks = ["A", "B", "C", "D", "E", "F"].map((id) => {
      const parts = "{a,b,c,d}*/**/*{e,f,g,h}*/**/*{i,j,k,l}";
      return aTask(id, { files: [`src/${id}${parts}`] });
    });
    await board.dispatch.importPlan(aPlan(tasks, { id: "wild" }), { actor: "person:ana" });
    const callers = await Promise.all(["a", "b"].map((name) => joined(board, name)));
    await board.dispatch.recover();
    const { writes } = board.counts;

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller, { plan: "wild" })),
    );

    expect(outcomes.map(taskOf)).toEqual(["A", "B"]);
    expect(board.counts.writes - writes).toBe(4);
  });

  test("are told what a fault in choosing leaves to each", async () => {
    let isBroken = false;
    const board = await boardOf(open, {
      pathKind: (path) => {
        if (isBroken && path.startsWith("src/1/")) {
          throw new Error("This path cannot be looked at.");
        }
        return null;
      },
    });
    const callers = await Promise.all(["a", "b", "c"].map((name) => joined(board, name)));
    isBroken = true;

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    expect(outcomes.map(taskOf)).toContain("T0");
    expect(outcomes.every(({ status }) => status === "fulfilled")).toBe(true);
    expect(await violationsOf(board)).toEqual([]);
  });

  test("whose worktrees read a path otherwise are given no path that another holds", async () => {
    const worktree = new AsyncLocalStorage<Readonly<Record<string, "file" | "directory">>>();
    const board = await boardOf(open, { pathKind: (path) => worktree.getStore()?.[path] ?? null });
    const tasks = ["lib/x", "lib/y", "own/*", "lib/z"].map((file, at) =>
      aTask(String.fromCodePoint(65 + at), { files: [file] }),
    );
    await board.dispatch.importPlan(aPlan(tasks, { id: "odd" }), { actor: "person:ana" });
    const [ada, bob] = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
    await hold(board, aCaller("holder"), ["lib/y/one.ts", "own/one.ts"]);
    await board.dispatch.recover();
    const writing = board.store.write((tx) => tx.get("SELECT 1 AS one", []));

    const asked = [
      worktree.run({ "own/*": "file" }, () =>
        board.dispatch.nextTask(next(ada ?? raise(), { plan: "odd" })),
      ),
      worktree.run({ "lib/y": "directory" }, () =>
        board.dispatch.nextTask(next(bob ?? raise(), { plan: "odd" })),
      ),
    ];
    const outcomes = await Promise.allSettled(asked);
    await writing;

    expect(outcomes.map(taskOf)).toEqual(["A", "D"]);
    expect(await violationsOf(board)).toEqual([]);
  });

  test("are refused nothing for many leases of their own", async () => {
    const board = await boardOf(open);
    const tasks = [aTask("O", { files: ["own/**"], priority: "critical" }), aTask("P")];
    await board.dispatch.importPlan(aPlan(tasks, { id: "own" }), { actor: "person:ana" });
    const [ada, bob] = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
    for (const at of [1, 2, 3, 4, 5, 6]) {
      await hold(board, ada ?? raise(), [`own/${String(at)}.ts`]);
    }

    const outcomes = await askTogether(
      board,
      [ada, bob].map((caller) => next(caller ?? raise())),
    );

    expect(outcomes.map(taskOf)).toEqual(["O", "T0"]);
  });

  test("choose among as many equals as one by itself", async () => {
    const board = await boardOf(open);
    const tasks = Array.from({ length: 12 }, (_, at) =>
      aTask(`E${String(at)}`, { files: [`equal/${String(at)}`], skills: at === 9 ? ["css"] : [] }),
    );
    await board.dispatch.importPlan(aPlan(tasks, { id: "equals" }), { actor: "person:ana" });
    const [ada, bob, eve] = await Promise.all(
      ["ada", "bob", "eve"].map((name) => joined(board, name)),
    );

    const outcomes = await askTogether(
      board,
      [{ ...(ada ?? raise()), skills: ["css"] }, bob, eve].map((caller) =>
        next(caller ?? raise(), { plan: "equals" }),
      ),
    );

    expect(outcomes.map(taskOf)).toEqual(["E0", "E1", "E2"]);
  });

  test("choose behind the first page no sooner than all equals are seen", async () => {
    const board = await boardOf(open);
    const inTheWay = Array.from({ length: 8 }, (_, at) =>
      aTask(`W${String(at)}`, { files: [`way/${String(at)}`], priority: "high" }),
    );
    const free = [
      aTask("F0", { files: ["free/0"] }),
      aTask("F1", { files: ["free/1"], skills: ["css"] }),
    ];
    await board.dispatch.importPlan(aPlan([...inTheWay, ...free], { id: "equals" }), {
      actor: "person:ana",
    });
    const [ada, bob, eve] = await Promise.all(
      ["ada", "bob", "eve"].map((name) => joined(board, name)),
    );
    await hold(board, eve ?? raise(), ["way/"]);

    const outcomes = await askTogether(
      board,
      [{ ...(ada ?? raise()), skills: ["css"] }, bob].map((caller) =>
        next(caller ?? raise(), { plan: "equals" }),
      ),
    );

    expect(outcomes.map(taskOf)).toEqual(["F1", "F0"]);
  });

  test("are counted once against their rate where choosing fails", async () => {
    let isBroken = false;
    const board = await boardOf(open, {
      pathKind: () => {
        if (isBroken) {
          throw new Error("This path cannot be looked at.");
        }
        return null;
      },
    });
    const callers = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
    const ada = await board.dispatch.identify(callers[0] ?? raise());
    await spendRate(board, ada.session.id);
    isBroken = true;

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    expect(outcomes.map(codeOf)).toEqual([undefined, undefined]);
  });

  test("are not harmed by a key that is no text", async () => {
    const board = await boardOf(open);
    const [ada, bob] = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
    const odd = next(ada ?? raise(), { key: "k\uD800" });
    const { claim } = await board.dispatch.nextTask(odd);
    const held = { task: claim?.task.id ?? "", fence: claim?.fence ?? 0 };
    await board.dispatch.finishTask(finish(ada ?? raise(), held));

    await board.dispatch.recover();
    const { writes } = board.counts;

    const outcomes = await askTogether(board, [odd, next(bob ?? raise())]);

    expect(outcomes.map(taskOf)).toEqual(["T0", "T1"]);
    // One behind which they meet, theirs, and that of the key's owner by itself.
    expect(board.counts.writes - writes).toBe(3);
  });

  test("ask by themselves where their write fails for a reason of its own", async () => {
    let isFailing = false;
    const board = await boardOf(async (options) => {
      const opened = await open(options);
      const write: Store["write"] = (work, first) =>
        opened.store.write(async (tx) => {
          const result = await work(tx);
          if (isFailing && result instanceof Map) {
            isFailing = false;
            throw new Error("A row is there already.");
          }
          return result;
        }, first);
      return { ...opened, store: { ...opened.store, write } };
    });
    const callers = await Promise.all(["ada", "bob"].map((name) => joined(board, name)));
    isFailing = true;

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    expect(isFailing).toBe(false);
    expect(outcomes.map(taskOf)).toEqual(["T0", "T1"]);
    expect(await violationsOf(board)).toEqual([]);
  });

  test("stand in the store's line from when they came, and no more of them than it holds", async () => {
    const board = await boardOf(open);
    const callers = await Promise.all(["a", "b", "c", "d"].map((name) => joined(board, name)));
    await board.dispatch.recover();
    const { limit } = board.store.load();
    const ends: (() => void)[] = [];
    const held = new Promise<void>((resolve) => {
      ends.push(resolve);
    });
    const writing = board.store.write(() => held);
    const { writes } = board.counts;

    const asked = Array.from({ length: 70 }, (_, at) =>
      board.dispatch.nextTask(next(callers[at % 4] ?? raise())),
    );
    // 32 are answered by one write.
    expect(board.counts.writes - writes).toBe(3);

    let refused = 0;
    for (let at = 0; at < limit * 4; at += 1) {
      const request = next(callers[at % 4] ?? raise(), { plan: `plan-${String(at % 20)}` });
      asked.push(board.dispatch.nextTask(request));
    }
    for (const each of asked) {
      each.catch(() => {
        refused += 1;
      });
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(asked.length - refused).toBeLessThanOrEqual(limit * 2);
    ends[0]?.();
    await Promise.allSettled([writing, ...asked]);
  });
});

test("A lease that ended long ago is ended for whoever asked for a task", async () => {
  let origin: EventOrigin | null = null;
  const board = await boardOf(openMemoryStore, { caller: () => origin });
  const callers = await Promise.all(["ada", "busy"].map((name) => joined(board, name)));
  await board.dispatch.nextTask(next(callers[1] ?? raise()));
  await hold(board, aCaller("holder"), ["src/1/one.ts"]);
  board.time.advance(59_500);
  await board.dispatch.recover();
  board.time.advance(600);
  const writing = board.store.write((tx) => tx.get("SELECT 1 AS one", []));

  const asked = callers.map((caller, at) => {
    origin = { principal: `token:t${String(at)}`, name: "", action: "tool:next_task" };
    return board.dispatch.nextTask(next(caller));
  });
  origin = null;
  await Promise.all(asked);
  await writing;

  const events = await board.store.read((reader) => board.events.after(reader, 0, 100));
  const ended = events.filter(({ kind }) => kind === "lease.released");
  expect(ended.map(({ by }) => by?.principal)).toEqual(["token:t0"]);
});

/** Leaves a session one call. */
async function spendRate({ sessions }: Board, session: SessionId): Promise<void> {
  for (let at = 0; at < 98; at += 1) {
    sessions.admit(session);
  }
}

async function hold({ dispatch }: Board, caller: Caller, paths: readonly string[]): Promise<void> {
  await dispatch.claimFiles({
    caller,
    paths,
    mode: "exclusive",
    durationMs: 60_000,
    reason: "mine",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  });
}

function raise(): never {
  throw new Error("There is no such session.");
}

import { expect, test } from "vitest";
import { noLimits } from "../../src/core/base/project-limits.ts";
import type { SkeinError } from "../../src/core/base/errors.ts";
import type { Caller, NextTaskOutcome, NextTaskRequest } from "../../src/core/dispatch/index.ts";
import type { EventOrigin } from "../../src/core/events/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { countingOpener } from "../support/counted-store.ts";
import type { StoreCounts } from "../support/counted-store.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

interface Board extends CoordinationStand {
  readonly counts: StoreCounts;
}

/** A plan of some tasks, each with a folder of its own. */
async function boardOf(
  open: OpenTestStore,
  odd: Parameters<typeof createStand>[2] = {},
): Promise<Board> {
  const [counting, counts] = countingOpener(open);
  const stand = await createStand(counting, 1, odd);
  const tasks = Array.from({ length: 12 }, (_, at) =>
    aTask(`T${String(at)}`, { files: [`src/${String(at)}/**`] }),
  );
  await stand.dispatch.importPlan(aPlan(tasks, { budgetMicroUsd: 50_000_000 }), {
    actor: "person:ana",
  });
  return { ...stand, counts };
}

async function joined({ dispatch }: Board, name: string): Promise<Caller> {
  const { handle } = await dispatch.identify(aCaller(name));
  return { ...aCaller(name), handle };
}

/** What came of some requests that meet in one line behind a write. */
async function askTogether(
  { dispatch, store }: CoordinationStand,
  requests: readonly NextTaskRequest[],
): Promise<readonly PromiseSettledResult<NextTaskOutcome>[]> {
  await dispatch.recover();
  const writing = store.write((tx) => tx.get("SELECT 1 AS one", []));
  const asked = requests.map((request) => dispatch.nextTask(request));
  const outcomes = await Promise.allSettled(asked);
  await writing;
  return outcomes;
}

function taskOf(outcome: PromiseSettledResult<NextTaskOutcome> | undefined): string | undefined {
  return outcome?.status === "fulfilled" ? outcome.value.claim?.task.id : undefined;
}

function codeOf(outcome: PromiseSettledResult<NextTaskOutcome> | undefined): string | undefined {
  const reason: SkeinError | undefined =
    outcome?.status === "rejected" ? outcome.reason : undefined;
  return reason?.code;
}

async function violationsOf(board: Board): Promise<readonly unknown[]> {
  const policy = { caseInsensitive: false };
  const facts = await board.store.read((reader) => readStateFacts({ ...board, policy }, reader));
  return checkInvariants(facts);
}

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
});

function raise(): never {
  throw new Error("There is no such session.");
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SkeinError } from "../../../src/core/base/errors.ts";
import type { EntityChange, Event } from "../../../src/core/events/index.ts";
import { canMove, isTaskStatus } from "../../../src/core/plans/index.ts";
import type {
  FailureCause,
  PlanDraft,
  TaskDraft,
  TaskStatus,
} from "../../../src/core/plans/index.ts";
import type { Store } from "../../../src/core/store/index.ts";
import { checkWaits } from "../../../src/core/upkeep/waits.ts";
import { boardMigrations, openBoard, system } from "../../support/plan-board.ts";
import type { PlanBoard } from "../../support/plan-board.ts";
import { openMemoryStore } from "../../support/stores.ts";
import { aPlan, aTask } from "./builders.ts";

/** T0 to T7 with random dependencies on earlier ones, T6 and T7 perhaps in the container G. */
const draft = fc
  .record({
    edges: fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 10 }),
    inside: fc.subarray([5, 6, 7]),
    before: fc.option(fc.nat(4)),
    left: fc.subarray([1, 3]),
  })
  .map(({ edges, inside, before, left }): PlanDraft => {
    const tasks: TaskDraft[] = Array.from({ length: 8 }, (_, at) => {
      const dependsOn = edges.flatMap(([from, to]) =>
        from === at && to < at ? [`T${String(to)}`] : [],
      );
      const parent = inside.includes(at) ? "G" : null;
      return aTask({ id: `T${String(at)}`, dependsOn: [...new Set(dependsOn)], parent });
    });
    const group = aTask({ id: "G", dependsOn: before === null ? [] : [`T${String(before)}`] });
    const after = aTask({ id: "H", dependsOn: ["G", "T0"] });
    const kept = tasks.filter((_, at) => !left.includes(at) || edges.some(([, to]) => to === at));
    return aPlan([...kept, group, after]);
  });

const causes: readonly FailureCause[] = ["network", "agent_error", "budget", "git_conflict"];
const step = fc.record({
  verb: fc.constantFrom(
    "advance",
    "claim ready",
    "fail held",
    "claim",
    "submit",
    "done",
    "fail",
    "lose",
    "release",
    "reject",
    "cancel",
    "retry",
    "import",
    "pause",
    "resume",
    "cancel plan",
  ),
  task: fc.constantFrom("T0", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "G", "H"),
  cause: fc.constantFrom(...causes),
  draft,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface World extends PlanBoard {
  readonly store: Store;
}

async function openWorld(first: PlanDraft): Promise<World> {
  const { store } = await openMemoryStore({ migrations: boardMigrations });
  const board = openBoard(store);
  await store.write((tx) => board.plans.importPlan(tx, first, system));
  return { ...board, store };
}

/** Does a step, or nothing where the state refuses it with an error of ours. */
async function play(world: World, { verb, task: id, cause, draft: next }: Step): Promise<void> {
  const { plans, store } = world;
  const task = { plan: "demo", id };
  const found = await store.read((reader) => plans.find(reader, task));
  const fence = found?.fence ?? 0;
  const under = { ...system, task, session: "s1", fence } as const;
  const act = { ...system, plan: "demo", reason: "Because" };
  const verbs: Readonly<Record<string, () => Promise<unknown>>> = {
    claim: async () => ((await world.ready()).includes(id) ? world.claim(id) : null),
    advance: async () => {
      const [first] = await world.ready();
      return first === undefined ? null : world.finish(first);
    },
    "claim ready": async () => {
      const [first] = await world.ready();
      return first === undefined ? null : world.claim(first);
    },
    "fail held": async () => {
      const held = await store.read((reader) => plans.taskHeldBy(reader, "s1"));
      const again = { ...under, task: held ?? task, fence: held?.fence ?? 0 };
      await store.write((tx) => plans.fail(tx, { ...again, failure: cause, summary: "x" }));
    },
    submit: () => world.submit(id, fence),
    done: () => store.write((tx) => plans.done(tx, under)),
    fail: () => store.write((tx) => plans.fail(tx, { ...under, failure: cause, summary: "x" })),
    lose: () =>
      store.write((tx) => plans.lose(tx, { ...under, failure: "session_lost", summary: "x" })),
    release: () => store.write((tx) => plans.release(tx, { ...under, reason: "x" })),
    reject: () => store.write((tx) => plans.reject(tx, { ...under, failure: cause, summary: "x" })),
    cancel: () => store.write((tx) => plans.cancelTask(tx, { ...under, reason: "x" })),
    retry: () => store.write((tx) => plans.retryTask(tx, under)),
    import: () => store.write((tx) => plans.importPlan(tx, next, system)),
    pause: () => store.write((tx) => plans.pausePlan(tx, act)),
    resume: () => store.write((tx) => plans.resumePlan(tx, act)),
    "cancel plan": () => store.write((tx) => plans.cancelPlan(tx, act)),
  };
  try {
    await verbs[verb]?.();
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
  }
}

/** Every move that the log tells, in order. */
function movesOf(events: readonly Event[]): readonly (readonly [string, TaskStatus, TaskStatus])[] {
  const at = new Map<string, TaskStatus>();
  const moves: [string, TaskStatus, TaskStatus][] = [];
  const changes: readonly EntityChange[] = events.flatMap((event) => event.changes);
  for (const { entity, id, set } of changes) {
    const to = set["status"];
    if (entity === "task" && typeof to === "string" && isTaskStatus(to)) {
      const from = at.get(id);
      if (from !== undefined && from !== to) {
        moves.push([id, from, to]);
      }
      at.set(id, to);
    }
  }
  return moves;
}

interface Counter {
  readonly id: string;
  readonly unmet: number;
  readonly counted: number;
}

/** The counters that the store keeps, beside what they count. */
async function countersOf({ store }: World): Promise<readonly Counter[]> {
  return store.read((reader) =>
    reader.all<Counter>(
      `SELECT t.id, t.unmet, (SELECT COUNT(*) FROM task_dependencies d JOIN tasks o
          ON o.project = d.project AND o.plan = d.plan AND o.id = d.depends_on
          WHERE d.project = t.project AND d.plan = t.plan AND d.task = t.id AND o.status <> 'done'
            AND NOT (t.is_container = 1 AND o.status = 'canceled' AND o.blocked_by IS NULL)) AS counted
        FROM tasks t WHERE t.project = ? AND t.status NOT IN ('done', 'canceled')
      UNION ALL
      SELECT 'open tasks', open_tasks, (SELECT COUNT(*) FROM tasks t WHERE t.project = p.project AND t.plan = p.id
          AND t.is_container = 0 AND t.status NOT IN ('done', 'failed', 'canceled'))
        FROM plans p WHERE p.project = ?`,
      [reader.project, reader.project],
    ),
  );
}

/** Tasks whose state and whose dependencies' states do not fit: blocked by nothing, or queued behind what has failed. */
async function misfitsOf({ store }: World): Promise<readonly unknown[]> {
  const stopping = `EXISTS (SELECT 1 FROM task_dependencies d JOIN tasks o
      ON o.project = d.project AND o.plan = d.plan AND o.id = d.depends_on
      WHERE d.project = t.project AND d.plan = t.plan AND d.task = t.id
        AND (o.status IN ('failed', 'blocked')
          OR (o.status = 'canceled' AND (t.is_container = 0 OR o.blocked_by IS NOT NULL))))`;
  return store.read((reader) =>
    reader.all<unknown>(
      `SELECT t.id, t.status, t.blocked_by FROM tasks t WHERE t.project = ?
        AND ((t.status = 'blocked' AND NOT ${stopping}) OR (t.status = 'pending' AND ${stopping}))`,
      [reader.project],
    ),
  );
}

/** What `skein verify` says of who waits for whom. */
async function brokenOf({ store, plans }: World): Promise<readonly string[]> {
  const facts = await store.read(async (reader) => ({
    waits: await plans.waits(reader),
    plans: await plans.listPlans(reader),
  }));
  return checkWaits(facts).map(({ text }) => text);
}

describe("plans under any sequence of acts", () => {
  test("move tasks along the machine's edges, keep their counters, and say all of it in the log", async () => {
    await fc.assert(
      fc.asyncProperty(
        draft,
        fc.array(step, { minLength: 5, maxLength: 40 }),
        async (first, steps) => {
          const world = await openWorld(first);
          for (const one of steps) {
            await play(world, one);
            expect([one.verb, one.task, await misfitsOf(world)]).toEqual([one.verb, one.task, []]);
            expect([one.verb, one.task, await brokenOf(world)]).toEqual([one.verb, one.task, []]);
            for (const { id, unmet, counted } of await countersOf(world)) {
              expect([one.verb, one.task, id, unmet]).toEqual([one.verb, one.task, id, counted]);
            }
          }
          const statuses = await world.statuses();
          const replayed = await world.replayed();
          const forbidden = movesOf(await world.events()).filter(
            ([, from, to]) => !canMove(from, to),
          );
          await world.store.close();

          expect(forbidden).toEqual([]);
          expect(replayed).toEqual(statuses);
        },
      ),
      { numRuns: 100 },
    );
  });
});

import type { SessionId } from "../../src/core/base/ids.ts";
import { createEvents, eventsMigration, replay } from "../../src/core/events/index.ts";
import type { Event } from "../../src/core/events/index.ts";
import { createPlans, plansMigration } from "../../src/core/plans/index.ts";
import type { FailureCause, Plans, Task, TaskKey } from "../../src/core/plans/index.ts";
import type { Migration, Store, Transaction } from "../../src/core/store/index.ts";
import { createSeededRandom } from "./virtual-time.ts";

/** The tables that plans need; their versions are made gapless for a store without the other modules. */
export const boardMigrations: readonly Migration[] = [eventsMigration, plansMigration].map(
  (migration, at) => ({ ...migration, version: at + 1 }),
);

/** Plans over a store, with the verbs that tests use most. */
export interface PlanBoard {
  readonly plans: Plans;
  /** Claims a task by id of plan `demo`; the fence is the number of the event. */
  readonly claim: (id: string, session?: SessionId) => Promise<number>;
  readonly submit: (id: string, fence: number, session?: SessionId) => Promise<Task>;
  /** Claims, submits and completes. */
  readonly finish: (id: string) => Promise<readonly string[]>;
  readonly fail: (id: string, failure: FailureCause, session?: SessionId) => Promise<Task>;
  readonly task: (id: string) => Promise<Task>;
  /** Statuses of tasks by id, in file order. */
  readonly statuses: () => Promise<Readonly<Record<string, string>>>;
  /** Ids of the ready tasks in the order of hand-out. */
  readonly ready: () => Promise<readonly string[]>;
  readonly events: () => Promise<readonly Event[]>;
  /** What the log alone says of the statuses. */
  readonly replayed: () => Promise<Readonly<Record<string, unknown>>>;
}

export const system = { actor: "system" } as const;

function key(id: string): TaskKey {
  return { plan: "demo", id };
}

export function openBoard(store: Store): PlanBoard {
  const doorbell = { ring: () => {}, watch: () => () => {}, close: () => {} };
  const events = createEvents({ doorbell });
  const plans = createPlans({
    events,
    random: createSeededRandom(),
    overlaps: () => ({ overlaps: (left, right) => left === right, weightOf: () => 1 }),
  });
  const task = (id: string): Promise<Task> => store.read((reader) => plans.get(reader, key(id)));

  async function claimIn(tx: Transaction, id: string, session: SessionId): Promise<number> {
    const found = await plans.get(tx, key(id));
    const fence = await events.nextSeq(tx);
    const claim = { task: found, session, fence, gitDir: null, branch: null };
    const claimed = await plans.claim(tx, claim);
    if (claimed === null) {
      throw new Error(`${id} cannot be claimed.`);
    }
    const draft = { kind: "task.claimed", cause: null, data: {}, changes: [claimed.change] };
    await events.append(tx, { ...draft, actor: `session:${session}` });
    return fence;
  }

  const claim: PlanBoard["claim"] = (id, session = "s1") =>
    store.write((tx) => claimIn(tx, id, session));
  const submit: PlanBoard["submit"] = (id, fence, session = "s1") =>
    store.write((tx) =>
      plans.submit(tx, {
        ...system,
        task: key(id),
        session,
        fence,
        summary: `${id} is finished`,
        commit: "c0ffee",
        branch: null,
      }),
    );
  return {
    plans,
    claim,
    submit,
    task,
    finish: async (id) => {
      await submit(id, await claim(id));
      const done = await store.write((tx) => plans.done(tx, { ...system, task: key(id) }));
      return done.unblocked;
    },
    fail: async (id, failure, session = "s1") => {
      const fence = await claim(id, session);
      const outcome = await store.write((tx) =>
        plans.fail(tx, { ...system, task: key(id), session, fence, failure, summary: "It broke" }),
      );
      return outcome.task;
    },
    statuses: async () => {
      const tasks = await store.read((reader) => plans.listTasks(reader, { plan: "demo" }));
      return Object.fromEntries(tasks.map(({ id, status }) => [id, status]));
    },
    ready: async () => {
      const page = { plan: null, after: null, limit: 100 };
      return (await store.read((reader) => plans.candidates(reader, page))).map(({ id }) => id);
    },
    events: () => store.read((reader) => events.after(reader, 0, 10_000)),
    replayed: async () => {
      const log = await store.read((reader) => events.after(reader, 0, 10_000));
      const tasks = replay(log).get("task") ?? new Map<string, { readonly status?: unknown }>();
      return Object.fromEntries(
        [...tasks].map(([id, fields]) => [id.replace("demo/", ""), fields["status"]]),
      );
    },
  };
}

import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { createCoordination, migrations, SkeinError } from "../../src/core/index.ts";
import type { Coordination } from "../../src/core/index.ts";
import { createPostgresPool, openPostgresStore } from "../../src/core/store/index.ts";
import type { PostgresPool, PostgresSettings } from "../../src/core/store/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import type { StateFacts } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, finish, next } from "./coordination.ts";

/** One node: a process's view of a project on a PostgreSQL server. */
export interface TeamNode extends Coordination {
  readonly pool: PostgresPool;
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly url: string;
  readonly project?: string | undefined;
  readonly maxConnections?: number | undefined;
  readonly answerMs?: number | undefined;
  readonly settings?: PostgresSettings | undefined;
  /** How far the clock of this node is off, in milliseconds. */
  readonly skewMs?: number | undefined;
}

/** Opens a node over connections of its own. */
export async function openNode(options: NodeOptions): Promise<TeamNode> {
  const { url, project = "demo", maxConnections = 8, answerMs, settings, skewMs = 0 } = options;
  const pool = await createPostgresPool({ url, maxConnections, answerMs });
  const time = createTimeSource();
  const store = await openPostgresStore({
    pool,
    project,
    migrations,
    time: {
      ...time,
      wallMs: () => time.wallMs() + skewMs,
      monotonicMs: () => time.monotonicMs() + skewMs,
    },
    random: systemRandom,
    settings,
  }).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const coordination = createCoordination({
    store,
    doorbell: { ring: () => {}, watch: () => () => {}, close: () => {} },
    random: systemRandom,
    timer: { nowMs: () => performance.now() + skewMs, sleep: () => Promise.resolve() },
    probe: null,
    policy: { caseInsensitive: false },
    pathKind: () => null,
  });
  return {
    ...coordination,
    pool,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

/** Brings a plan of as many independent tasks. */
export async function planTasks(node: TeamNode, count: number): Promise<void> {
  const tasks = Array.from({ length: count }, (_, index) => aTask(`T${String(index)}`));
  await node.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
}

/**
 * Repeats a call with the same idempotency key until it is answered, as agents do: after every answer that says to try again, and after the one
 * that cannot say whether the change was saved. Anything else fails.
 */
export async function insist<T>(call: () => Promise<T>, told: string[] = []): Promise<T> {
  for (const startedMs = performance.now(); ;) {
    try {
      return await call();
    } catch (error) {
      const isOurs = error instanceof SkeinError;
      const again = isOurs && (error.retryAfterMs !== null || error.code === "SKN-9101");
      if (!again || performance.now() - startedMs > 60_000) {
        throw error;
      }
      told.push(error.code);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export interface Worked {
  /** Tasks in the order in which they were acknowledged as finished. */
  readonly finished: readonly string[];
  /** The codes of all answers that said to try again. */
  readonly told: readonly string[];
}

/** One agent that works until nothing is left. */
export async function work(
  node: TeamNode,
  name: string,
  onStep: () => Promise<void> = async () => {},
): Promise<Worked> {
  const caller = aCaller(name);
  const finished: string[] = [];
  const told: string[] = [];
  for (let round = 0; ; round += 1) {
    const key = `${name}-${String(round)}`;
    const { claim } = await insist(
      () => node.dispatch.nextTask(next(caller, { key: `next-${key}` })),
      told,
    );
    if (claim === null) {
      return { finished, told };
    }
    const held = { task: claim.task.id, fence: claim.fence };
    await onStep();
    await insist(
      () => node.dispatch.finishTask(finish(caller, held, { key: `finish-${key}` })),
      told,
    );
    finished.push(held.task);
    await onStep();
  }
}

/** What is wrong with the state of a project and its log, whatever was done; nothing when every invariant holds. */
export async function faultsOfState(node: TeamNode): Promise<readonly string[]> {
  const facts = await factsOf(node);
  const { faults } = await node.store.read((reader) => node.events.check(reader));
  return [...checkInvariants(facts).map(({ text }) => text), ...faults.map(({ detail }) => detail)];
}

async function factsOf(node: TeamNode): Promise<StateFacts> {
  return node.store.read((reader) =>
    readStateFacts({ ...node, policy: { caseInsensitive: false } }, reader),
  );
}

/** What is wrong with the outcome of a team's work; nothing when every task was done once and every invariant holds. */
export async function faultsOfWork(
  node: TeamNode,
  count: number,
  all: readonly Worked[],
): Promise<readonly string[]> {
  const acknowledged = all.flatMap(({ finished }) => finished);
  const { tasks } = await factsOf(node);
  const undone = tasks.filter(({ task }) => task.status !== "done");
  const again = tasks.filter(({ attempts }) => attempts.length !== 1);
  return [
    ...(acknowledged.length === count && new Set(acknowledged).size === count
      ? []
      : [`${String(acknowledged.length)} ends were acknowledged for ${String(count)} tasks`]),
    ...undone.map(({ task }) => `${task.id} is ${task.status}`),
    ...again.map(({ task, attempts }) => `${task.id} was tried ${String(attempts.length)} times`),
    ...(await faultsOfState(node)),
  ];
}

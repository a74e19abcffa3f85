import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createPostgresPool } from "../../src/core/store/index.ts";
import type { PostgresPool } from "../../src/core/store/index.ts";
import { aCaller, next } from "../support/coordination.ts";
import {
  createPostgresCluster,
  hasPostgresProgram,
  postgresBinaries,
} from "../support/postgres-cluster.ts";
import type { PostgresCluster } from "../support/postgres-cluster.ts";
import { faultsOfWork, insist, openNode, planTasks, work } from "../support/postgres-team.ts";
import type { NodeOptions, TeamNode, Worked } from "../support/postgres-team.ts";
import { proofRun } from "../support/proof.ts";

const restarts = proofRun("R8", 5).count;
const storms = proofRun("R9", 20).count;
const skews = proofRun("R12_POSTGRES", 10).count;

let cluster: PostgresCluster;
let projects = 0;
const nodes: TeamNode[] = [];

/** Nodes of one new project. */
function newProject(options: Partial<NodeOptions> = {}): () => Promise<TeamNode> {
  projects += 1;
  const project = `chaos-${String(projects)}`;
  return async () => {
    const node = await openNode({ url: cluster.url, project, maxConnections: 4, ...options });
    nodes.push(node);
    return node;
  };
}

/** Works through tasks with two agents on each of two nodes, while something happens to the server. */
async function workThrough(
  tasks: number,
  plague: (isOver: () => boolean) => Promise<void>,
): Promise<{ readonly faults: readonly string[]; readonly all: readonly Worked[] }> {
  const open = newProject({ answerMs: 5_000 });
  const team = [await open(), await open()];
  const [first] = team;
  if (first === undefined) {
    throw new Error("There is no node.");
  }
  await planTasks(first, tasks);
  let isOver = false;
  const working = Promise.all(
    team.flatMap((node, at) =>
      [1, 2].map((agent) => work(node, `a${String(at)}-${String(agent)}`, () => pause(5))),
    ),
  ).finally(() => {
    isOver = true;
  });
  await plague(() => isOver);
  const all = await working;
  return { faults: await faultsOfWork(first, tasks, all), all };
}

/** Runs one statement on connections of its own. */
async function byHand(doing: (pool: PostgresPool) => Promise<void>): Promise<void> {
  const pool = await createPostgresPool({ url: cluster.url, maxConnections: 20 });
  try {
    await doing(pool);
  } finally {
    await pool.end();
  }
}

/** Ends all connections but its own; tells how many there were; null where its own was lost. */
async function endAll(pool: PostgresPool): Promise<number | null> {
  const client = await pool.connect().catch(() => null);
  if (client === null) {
    return null;
  }
  let isBroken = true;
  try {
    const { rows } = await client.query<{ ended: string }>({
      text: `SELECT pg_terminate_backend(pid)::text AS ended FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    });
    isBroken = false;
    return rows.length;
  } catch {
    return null;
  } finally {
    client.release(isBroken);
  }
}

describe.skipIf(postgresBinaries === null)("a PostgreSQL server that fails", () => {
  beforeAll(async () => {
    cluster = await createPostgresCluster({ settings: { max_connections: "24" } });
  });

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async (node) => node.close()));
  });

  afterAll(async () => {
    await cluster.remove();
  });

  test(`R8: ${String(restarts)} restarts under load, half of them crashes, and every task is done once`, async () => {
    const tasks = restarts * 40;
    let done = 0;

    const { faults } = await workThrough(tasks, async () => {
      for (; done < restarts; done += 1) {
        await pause(600);
        await cluster.stop(done % 2 === 0 ? "immediate" : "fast");
        await pause((done % 3) * 300);
        await cluster.start();
      }
    });

    expect(done).toBe(restarts);
    expect(faults).toEqual([]);
  });

  test(`R9: ${String(storms)} storms that end every connection of ours`, async () => {
    let ended = 0;

    const { faults } = await workThrough(150, async () => {
      await byHand(async (pool) => {
        for (let storm = 0; storm < storms;) {
          const count = await endAll(pool);
          ended += count ?? 0;
          storm += count === null ? 0 : 1;
          await pause(60);
        }
      });
    });

    expect(ended).toBeGreaterThan(storms);
    expect(faults).toEqual([]);
  });

  test("says that the server has no connection left, and goes on when it has", async () => {
    const node = await newProject({ maxConnections: 2, settings: { waitMs: 300 } })();

    await byHand(async (pool) => {
      const taken: Awaited<ReturnType<PostgresPool["connect"]>>[] = [];
      // The node's own connections are ended, and their places taken before it comes back.
      for (;;) {
        const client = await pool.connect().catch(() => null);
        if (client === null) {
          break;
        }
        taken.push(client);
        if (taken.length === 1) {
          await client.query({
            text: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
          });
        }
        if (taken.length === 20) {
          break;
        }
      }
      const more = await createPostgresPool({ url: cluster.url, maxConnections: 20 });
      const rest = (
        await Promise.all(Array.from({ length: 10 }, async () => more.connect().catch(() => null)))
      ).flatMap((client) => client ?? []);

      await expect(node.store.read(async ({ nowMs }) => nowMs)).rejects.toMatchObject({
        code: "SKN-7116",
        retryAfterMs: 1_000,
      });

      for (const client of [...taken, ...rest]) {
        client.release(true);
      }
      await more.end();
    });

    expect(await insist(() => node.store.read(async ({ nowMs }) => nowMs))).toBeGreaterThan(0);
  });

  test("ends a statement that lasts too long, with nothing written and the lock given back", async () => {
    const node = await newProject({ settings: { statementMs: 150 } })();

    await expect(
      node.store.write(async (tx) => tx.get("SELECT pg_sleep(5) AS slept", [])),
    ).rejects.toMatchObject({ code: "SKN-7119", kind: "unavailable" });

    await planTasks(node, 1);
    expect(await faultsOfWork(node, 1, [await work(node, "ada")])).toEqual([]);
  });

  test.skipIf(!hasPostgresProgram("pg_basebackup"))(
    "reads from a standby, and says there that it takes no writes",
    async () => {
      const open = newProject();
      const primary = await open();
      await planTasks(primary, 2);
      const standby = await createPostgresCluster({
        standbyOf: cluster,
        settings: { max_connections: "24" },
      });
      try {
        const node = await openNode({ url: standby.url, project: primary.store.project });
        nodes.push(node);

        const plans = await insist(() => node.store.read((reader) => node.plans.listPlans(reader)));
        expect(plans).toHaveLength(1);
        await expect(
          node.dispatch.nextTask(next(aCaller("ada"), { key: null })),
        ).rejects.toMatchObject({ code: "SKN-7109" });
        await node.close();
        nodes.splice(nodes.indexOf(node), 1);
      } finally {
        await standby.remove();
      }
    },
  );

  test("stands still for a while, and nothing is lost", async () => {
    const { faults } = await workThrough(80, async () => {
      for (let round = 0; round < 3; round += 1) {
        await pause(150);
        const thaw = cluster.freeze();
        await pause(500);
        thaw();
      }
    });

    expect(faults).toEqual([]);
  });

  test("is let go of while it stands still, though it closes no connection", async () => {
    const pool = await createPostgresPool({ url: cluster.url, maxConnections: 2 });
    const clients = [await pool.connect(), await pool.connect()] as const;
    await Promise.all(clients.map(async (client) => client.query({ text: "SELECT 1" })));
    const [held, idle] = clients;
    const closed = clients.map(async ({ connection }) => endOf(connection));
    idle.release();

    const thaw = cluster.freeze();
    try {
      const ending = pool.end();
      held.release();

      expect(await within(10_000, ending)).toBe("in time");
      expect(await within(10_000, Promise.all(closed))).toBe("in time");
    } finally {
      thaw();
    }
  });

  test(`R12: ${String(skews)} pairs of nodes whose clocks differ see one time, and none takes the other's work`, async () => {
    const off = [300_000, -300_000, 3_600_000, -3_600_000, 86_400_000, -86_400_000];
    for (let pair = 0; pair < skews; pair += 1) {
      const skewMs = off[pair % off.length] ?? 0;
      const project = `skew-${String(pair)}`;
      const right = await openNode({ url: cluster.url, project, maxConnections: 2 });
      const wrong = await openNode({ url: cluster.url, project, maxConnections: 2, skewMs });
      nodes.push(right, wrong);
      await planTasks(right, 1);

      const { claim } = await right.dispatch.nextTask(next(aCaller("ada")));
      const other = await wrong.dispatch.nextTask(next(aCaller("bob")));
      const { returnedTasks } = await wrong.dispatch.recover();
      const times = await Promise.all(
        [right, wrong].map(({ store }) => store.read(async ({ nowMs }) => nowMs)),
      );

      expect(claim).not.toBeNull();
      expect(other.claim).toBeNull();
      expect(returnedTasks).toEqual([]);
      expect(Math.abs((times[0] ?? 0) - (times[1] ?? 0))).toBeLessThan(5_000);
      await Promise.all(nodes.splice(0).map(async (node) => node.close()));
    }
  });
});

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for the end of a connection: a socket that stays open keeps its process. */
async function endOf(connection: unknown): Promise<void> {
  const { stream } = Object(connection);
  await new Promise((resolve) => {
    stream.once("close", resolve);
  });
}

async function within(ms: number, awaited: Promise<unknown>): Promise<"in time" | "late"> {
  return Promise.race([
    awaited.then(() => "in time" as const),
    pause(ms).then(() => "late" as const),
  ]);
}

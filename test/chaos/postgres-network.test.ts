import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aCaller, finish, next } from "../support/coordination.ts";
import { createFaultProxy } from "../support/fault-proxy.ts";
import type { FaultProxy, Passage } from "../support/fault-proxy.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import { faultsOfWork, insist, openNode, planTasks, work } from "../support/postgres-team.ts";
import type { TeamNode } from "../support/postgres-team.ts";
import { proofRun } from "../support/proof.ts";

const unknownCommits = proofRun("R10", 100).count;
const faults = proofRun("R11", 200);

/** The whole word, as its message ends: `READ COMMITTED` opens a transaction. */
const commit = "COMMIT\0";

const url = new URL(postgresUrl ?? "postgres://127.0.0.1:5432/postgres");

let place: PostgresPlace;
let proxy: FaultProxy;
const nodes: TeamNode[] = [];

/** A node whose cable to the server is the proxy's. */
async function behindProxy(): Promise<TeamNode> {
  const through = new URL(place.url);
  through.port = String(proxy.port);
  // A busy machine may need longer than this for one step of the schema; those before it stay.
  const node = await insist(() =>
    openNode({ url: through.href, maxConnections: 4, answerMs: 400 }),
  );
  nodes.push(node);
  return node;
}

describe.skipIf(postgresUrl === null)("the network to a PostgreSQL server", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(url.href);
    proxy = await createFaultProxy(Number(url.port === "" ? 5_432 : url.port));
  });

  afterEach(async () => {
    proxy.become({ kind: "clean" });
    await Promise.all(nodes.splice(0).map(async (node) => node.close()));
    await proxy.close();
    await place.remove();
  });

  test(`R10: ${String(unknownCommits)} commits whose answer is lost have each exactly one effect after a retry`, async () => {
    const node = await behindProxy();
    await planTasks(node, unknownCommits / 2);
    const told: string[] = [];
    const caller = aCaller("ada");
    await node.dispatch.identify(caller);

    for (let round = 0; round < unknownCommits / 2; round += 1) {
      proxy.cutAfter(commit);
      const key = String(round);
      const { claim } = await insist(
        () => node.dispatch.nextTask(next(caller, { key: `n${key}` })),
        told,
      );
      const held = { task: claim?.task.id ?? "", fence: claim?.fence ?? 0 };
      proxy.cutAfter(commit);
      await insist(() => node.dispatch.finishTask(finish(caller, held, { key: `f${key}` })), told);
    }

    const events = await node.store.read((reader) => node.events.after(reader, 0, 10_000));
    const count = (kind: string): number => events.filter((event) => event.kind === kind).length;
    expect(proxy.cuts()).toBe(unknownCommits);
    expect(told.filter((code) => code === "SKN-9101")).toHaveLength(unknownCommits);
    expect(count("task.claimed")).toBe(unknownCommits / 2);
    expect(await faultsOfWork(node, 0, [])).toEqual([]);
  });

  test(`R11: ${String(faults.count)} faults of the network, and every task is done once`, async () => {
    const tasks = 120;
    const first = await behindProxy();
    const team = [first, await behindProxy()];
    await planTasks(first, tasks);
    const kinds: readonly Passage[] = [
      { kind: "slow", ms: 15 },
      { kind: "sliced" },
      { kind: "half-open" },
      { kind: "parted" },
    ];

    const plague = async (): Promise<void> => {
      for (let fault = 0; fault < faults.count; fault += 1) {
        const at = (fault * 7 + faults.seed) % (kinds.length + 1);
        const kind = kinds[at];
        if (kind === undefined) {
          proxy.reset();
        } else {
          proxy.become(kind);
        }
        await pause(30);
        proxy.become({ kind: "clean" });
        await pause(20);
      }
    };
    const [all] = await Promise.all([
      Promise.all(
        team.flatMap((node, at) =>
          [1, 2].map((agent) => work(node, `a${String(at)}-${String(agent)}`, pauseAfter)),
        ),
      ),
      plague(),
    ]);

    expect(await faultsOfWork(first, tasks, all)).toEqual([]);
  });
});

async function pauseAfter(): Promise<void> {
  // Faults come while work is under way, not after it.
  await pause(40);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

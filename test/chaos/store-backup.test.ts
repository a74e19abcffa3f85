import { execFile } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createPostgresPool } from "../../src/core/store/index.ts";
import { aCaller, next } from "../support/coordination.ts";
import { addNote, noteIds, openNoteStore } from "../support/note-store.ts";
import {
  createPostgresCluster,
  hasPostgresProgram,
  postgresBinaries,
} from "../support/postgres-cluster.ts";
import { faultsOfState, openNode, planTasks, work } from "../support/postgres-team.ts";
import type { TeamNode } from "../support/postgres-team.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";

const run = promisify(execFile);

test("R26: a backup taken under load is one moment of the store, five times", async () => {
  const directory = makeTemporaryDirectory();
  const file = join(directory, "live", "skein.db");
  const store = await openNoteStore({ file });
  const writer = await openNoteStore({ file });
  let id = 0;
  const ending = new AbortController();
  const load = (async () => {
    while (!ending.signal.aborted) {
      id += 1;
      // Two rows a transaction: half of one would be a torn moment.
      await writer.write(async (tx) => {
        await addNote(tx, id, "left");
        await addNote(tx, -id, "right");
      });
    }
  })();

  for (let round = 1; round <= 5; round += 1) {
    const confirmed = id - 1;
    const target = join(directory, `backup-${String(round)}.db`);
    await store.maintenance.backup(target);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    const copy = await openNoteStore({ file: target });

    const ids = await noteIds(copy);

    expect(ids.reduce((sum, each) => sum + each, 0)).toBe(0);
    expect(ids.length / 2).toBeGreaterThanOrEqual(confirmed);
    expect(await copy.maintenance.health("full")).toMatchObject({ ok: true });
    await copy.write(async (tx) => addNote(tx, 1_000_000));
    await copy.close();
  }
  ending.abort();
  await load;
  await store.maintenance.tidy();

  expect(await store.maintenance.health("full")).toMatchObject({ ok: true });
  await expect(store.maintenance.backup(file)).rejects.toMatchObject({ code: "SKN-1102" });
  await expect(
    store.maintenance.backup(join(directory, "nowhere", "backup.db")),
  ).rejects.toMatchObject({ code: "SKN-7110" });
  await store.close();
  await writer.close();
  rmSync(directory, { recursive: true });
});

/** The work of a team, dumped by the server's own program and restored into a new database, as docs/operations.md says. */
async function restored(url: string, name: string): Promise<string> {
  const target = new URL(url);
  target.pathname = `/${name}`;
  const directory = makeTemporaryDirectory();
  const dump = join(directory, "skein.dump");
  await run(join(postgresBinaries ?? "", "pg_dump"), ["--format=custom", `--file=${dump}`, url]);
  const pool = await createPostgresPool({ url, maxConnections: 1 });
  const client = await pool.connect();
  await client.query({ text: `CREATE DATABASE ${name}` });
  client.release();
  await pool.end();
  await run(join(postgresBinaries ?? "", "pg_restore"), [
    "--exit-on-error",
    `--dbname=${target.href}`,
    dump,
  ]);
  rmSync(directory, { recursive: true });
  return target.href;
}

async function tasksDone(node: TeamNode): Promise<number> {
  return node.store.read(
    async (reader) => (await node.plans.listTasks(reader, { status: "done" })).length,
  );
}

/** Three agents who work until nothing is left; unhurried, and with a quarter of the work kept until they are told to end, however long that takes. */
function startTeam(node: TeamNode, mostSteps: number): () => Promise<void> {
  const ending = new AbortController();
  const steps = { taken: 0 };
  const breath = async (): Promise<void> => {
    steps.taken += 1;
    do {
      await new Promise((resolve) => setTimeout(resolve, ending.signal.aborted ? 0 : 50));
    } while (steps.taken > mostSteps && !ending.signal.aborted);
  };
  const working = Promise.all(["ada", "bob", "cleo"].map(async (name) => work(node, name, breath)));
  return async () => {
    ending.abort();
    await working;
  };
}

/** What a restored copy holds: how much was done, what is wrong before and after somebody goes on from it, and whether that can be done. */
async function lookInto(url: string): Promise<{ done: number; faults: unknown; goesOn: boolean }> {
  const copy = await openNode({ url });
  try {
    const before = await faultsOfState(copy);
    const done = await tasksDone(copy);
    const { claim } = await copy.dispatch.nextTask(next(aCaller("dora")));
    const faults = [...before, ...(await faultsOfState(copy))];
    return { done, faults, goesOn: claim !== null };
  } finally {
    await copy.close();
  }
}

test.skipIf(!["pg_dump", "pg_restore"].every((name) => hasPostgresProgram(name)))(
  "R26: a dump of PostgreSQL taken under load is one moment of the team's work, which goes on from it, five times",
  async () => {
    const cluster = await createPostgresCluster();
    const live = await openNode({ url: cluster.url });
    await planTasks(live, 400);
    const end = startTeam(live, 600);
    const moments: number[] = [];
    try {
      for (let round = 1; round <= 5; round += 1) {
        const before = await tasksDone(live);
        const copy = await lookInto(await restored(cluster.url, `restored_${String(round)}`));

        moments.push(copy.done);
        expect(copy).toMatchObject({ faults: [], goesOn: true });
        expect(copy.done).toBeGreaterThanOrEqual(before);
      }
      expect(moments.at(-1)).toBeGreaterThan(moments[0] ?? 400);
    } finally {
      await end();
    }
    expect(await faultsOfState(live)).toEqual([]);
    await live.close();
    await cluster.remove();
  },
);

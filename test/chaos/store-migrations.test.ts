import { fork } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPostgresPool, isDatabaseUrl } from "../../src/core/store/index.ts";
import { openRawStore, rawPlaces } from "./raw-places.ts";
import { manySteps } from "./store-steps.ts";

/** Starts a migrating process and kills it once something has come. */
async function killWhileMigrating(where: string, toCome: () => Promise<void>): Promise<void> {
  const child = fork(join(import.meta.dirname, "store-migrate-child.ts"), [where]);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.once("message", resolve));
  await toCome();
  child.kill("SIGKILL");
  await gone;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** The version of a schema in work; 0 before its first step. */
async function versionAt(url: string): Promise<number> {
  const pool = await createPostgresPool({ url, maxConnections: 1 });
  try {
    const client = await pool.connect();
    const { rows } = await client
      .query<{ version: number }>({ text: "SELECT version::int AS version FROM store_schema" })
      .finally(() => {
        client.release();
      });
    return rows[0]?.version ?? 0;
  } catch {
    return 0;
  } finally {
    await pool.end();
  }
}

async function untilStep(url: string, step: number): Promise<void> {
  while ((await versionAt(url)) < step) {
    await pause(1);
  }
}

/** On a file moments, which nobody may look into meanwhile; on a server, where each step is seen, the steps themselves. */
const moments = [
  { afterMs: 2, step: 1 },
  { afterMs: 6, step: 5 },
  { afterMs: 10, step: 10 },
  { afterMs: 15, step: 15 },
  { afterMs: 25, step: 20 },
];

describe("R25: schema steps", () => {
  test.each(rawPlaces)(
    "on %s survive kill -9 at any moment: the next opening ends what was begun",
    async (_name, make) => {
      const versions: number[] = [];
      const left: number[] = [];
      for (const { afterMs, step } of moments) {
        const { where, remove } = await make();
        const isServer = isDatabaseUrl(where);
        await killWhileMigrating(where, async () =>
          isServer ? untilStep(where, step) : pause(afterMs),
        );
        left.push(isServer ? await versionAt(where) : 0);

        const store = await openRawStore(where, manySteps);
        const health = await store.maintenance.health("full");
        const last = await store.read(async (reader) =>
          reader.all("SELECT project, n FROM step_40 ORDER BY n", []),
        );
        await store.close();
        await remove();

        versions.push(health.schemaVersion);
        expect(health).toMatchObject({ ok: true, problems: [] });
        expect(last).toEqual([
          { project: "before", n: 39 },
          { project: "demo", n: 40 },
        ]);
      }
      expect(versions).toEqual([40, 40, 40, 40, 40]);
      expect(Math.min(...left)).toBeLessThan(40);
    },
  );

  test.each(rawPlaces)(
    "on %s lead from every earlier schema to the present one, and never back",
    async (_name, make) => {
      for (let steps = 1; steps < manySteps.length; steps += 6) {
        const { where, remove } = await make();
        await (await openRawStore(where, manySteps.slice(0, steps))).close();

        const store = await openRawStore(where, manySteps);

        expect(await store.maintenance.health("quick")).toMatchObject({ schemaVersion: 40 });
        await expect(openRawStore(where, manySteps.slice(0, steps))).rejects.toMatchObject({
          code: "SKN-7106",
        });
        await store.close();
        await remove();
      }
    },
  );
});

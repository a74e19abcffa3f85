import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrations } from "../../../src/core/index.ts";
import { openPostgresStore } from "../../../src/core/store/index.ts";
import { aPlan, aTask, createStand } from "../../support/coordination.ts";
import { createPostgresPlace, postgresUrl } from "../../support/postgres.ts";
import type { PostgresPlace } from "../../support/postgres.ts";
import type { OpenTestStore } from "../../support/stores.ts";
import { openUpkeep } from "../../support/upkeep-stand.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

let place: PostgresPlace;

describe.skipIf(postgresUrl === null)("what PostgreSQL knows of the number of rows", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
  });

  afterEach(async () => {
    await place.remove();
  });

  test("is told after a large import", async () => {
    const stand = await createStand(inProject("demo"));

    await stand.dispatch.importPlan(planOf(600), { actor: "system" });

    expect(await countedTasks()).toBe(600);
  });

  test("is left to itself after a small one", async () => {
    const stand = await createStand(inProject("demo"));

    await stand.dispatch.importPlan(planOf(40), { actor: "system" });

    expect(await countedTasks()).toBeLessThan(40);
  });

  test("is told after a project is restored", async () => {
    const from = await openUpkeep(inProject("from"));
    await from.dispatch.importPlan(planOf(600), { actor: "system" });
    const text = JSON.stringify(await from.upkeep.export());
    const { upkeep } = await openUpkeep(inProject("to"));

    await upkeep.import(text);

    expect(await countedTasks()).toBe(1_200);
  });
});

function planOf(count: number): ReturnType<typeof aPlan> {
  return aPlan(Array.from({ length: count }, (_, at) => aTask(`T${String(at)}`)));
}

function inProject(project: string): OpenTestStore {
  return async ({ time = createVirtualTime() }) => {
    const { pool } = place;
    const random = createSeededRandom();
    return { store: await openPostgresStore({ pool, project, migrations, time, random }), time };
  };
}

/** Below zero where nothing was ever counted. */
async function countedTasks(): Promise<number> {
  const client = await place.pool.connect();
  try {
    const { rows } = await client.query<{ readonly counted: number | string }>({
      text: "SELECT reltuples AS counted FROM pg_class WHERE oid = 'tasks'::regclass",
    });
    return Number(rows[0]?.counted);
  } finally {
    client.release();
  }
}

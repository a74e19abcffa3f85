import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import { manySteps } from "./store-steps.ts";

async function open(file: string, steps: number): Promise<Store> {
  return openSqliteStore({
    file,
    project: "demo",
    migrations: manySteps.slice(0, steps),
    time: createTimeSource(),
    random: systemRandom,
  });
}

/** Starts a migrating process and kills it some milliseconds after it began. */
async function killWhileMigrating(file: string, afterMs: number): Promise<void> {
  const child = fork(join(import.meta.dirname, "store-migrate-child.ts"), [file]);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.once("message", resolve));
  setTimeout(() => child.kill("SIGKILL"), afterMs);
  await gone;
}

describe("R25: schema steps", () => {
  test("survive kill -9 at any moment: the next opening ends what was begun", async () => {
    const directory = makeTemporaryDirectory();
    const versions: number[] = [];
    for (const afterMs of [2, 6, 10, 15, 25]) {
      const file = join(directory, `killed-${String(afterMs)}`, "skein.db");
      await killWhileMigrating(file, afterMs);

      const store = await open(file, manySteps.length);
      const health = await store.maintenance.health("full");
      const last = await store.read(async (reader) =>
        reader.all("SELECT project, n FROM step_40 ORDER BY n", []),
      );
      await store.close();

      versions.push(health.schemaVersion);
      expect(health).toMatchObject({ ok: true, problems: [] });
      expect(last).toEqual([
        { project: "before", n: 39 },
        { project: "demo", n: 40 },
      ]);
    }
    expect(versions).toEqual([40, 40, 40, 40, 40]);
    rmSync(directory, { recursive: true });
  });

  test("lead from every earlier schema to the present one, and never back", async () => {
    const directory = makeTemporaryDirectory();
    for (let steps = 1; steps < manySteps.length; steps += 6) {
      const file = join(directory, `from-${String(steps)}`, "skein.db");
      await (await open(file, steps)).close();

      const store = await open(file, manySteps.length);

      expect(await store.maintenance.health("quick")).toMatchObject({ schemaVersion: 40 });
      await expect(open(file, steps)).rejects.toMatchObject({ code: "SKN-7106" });
      await store.close();
    }
    rmSync(directory, { recursive: true });
  });
});

import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { createFileShelf } from "../../src/adapters/process/shelf.ts";
import { migrations } from "../../src/core/index.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

let directory = "";
beforeEach(() => {
  directory = makeTemporaryDirectory();
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function openHere(): Promise<CoordinationStand> {
  return createStand(async () => ({
    store: await openSqliteStore({
      file: join(directory, "skein", "skein.db"),
      project: "demo",
      migrations,
      time: createTimeSource(),
      random: systemRandom,
    }),
    time: createVirtualTime(),
  }));
}

/** Twelve agents take, refuse, finish and repeat; answers every handle that was minted. */
async function work({ dispatch }: CoordinationStand): Promise<readonly string[]> {
  const handles = new Set<string>();
  const tasks = Array.from({ length: 12 }, (_, index) =>
    aTask(`T${String(index)}`, { files: [`src/${String(index)}/**`] }),
  );
  await dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
  for (const { id } of tasks) {
    const first = await dispatch.nextTask(next(aCaller(id)));
    const caller = aCaller(id, { handle: first.standing.handle });
    const again = await dispatch.nextTask(next(caller, { key: "again" }));
    const held = { task: id, fence: first.claim?.fence ?? 0 };
    const wrong = finish(caller, { ...held, fence: 0 });
    const text = await dispatch.finishTask(wrong).then(String, (error: unknown) => String(error));
    expect(text).not.toContain(first.standing.handle);
    await dispatch.finishTask(finish(caller, held, { key: "end" }));
    handles.add(first.standing.handle).add(again.standing.handle);
  }
  return [...handles];
}

/** Every file below the folder with its bytes. */
function artefacts(): ReadonlyMap<string, Buffer> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [file, readFileSync(file)]));
}

/** A secret as it is, and in the forms it might be written in. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString("base64"), bytes.toString("hex"), encodeURIComponent(secret)];
}

test("T26: no handle stands in any file of a run, nor in its export or backup", async () => {
  const stand = await openHere();
  const handles = await work(stand);
  const shelf = createFileShelf(join(directory, "archive"));
  const policy = { caseInsensitive: false };
  const upkeep = createUpkeep({ ...stand, migrations, policy, shelf });
  const exported = JSON.stringify(await upkeep.export());
  await stand.store.maintenance.backup(join(directory, "backup.db"));
  await stand.store.close();

  const places = new Map([...artefacts(), ["export", Buffer.from(exported)] as const]);
  const found = [...places].flatMap(([place, bytes]) =>
    handles.flatMap(formsOf).flatMap((form) => (bytes.includes(form) ? [place] : [])),
  );
  expect(handles.length).toBeGreaterThan(11);
  expect(places.size).toBeGreaterThan(2);
  expect(found).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "T26: every file of a store is its owner's alone",
  async () => {
    const stand = await openHere();
    await work(stand);

    const open = [...artefacts().keys()].filter((file) => (statSync(file).mode & 0o077) !== 0);
    await stand.store.close();

    expect(open).toEqual([]);
  },
);

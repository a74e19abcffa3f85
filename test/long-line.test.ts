import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProjectServer } from "../src/compose-projects.ts";
import { openProject } from "../src/compose.ts";
import type { Store } from "../src/core/store/index.ts";
import { createProjectSource } from "../src/mcp/project-source.ts";
import { createCoordinatedRepository, plainEnv } from "./support/coordinated-repository.ts";
import type { CoordinatedRepository } from "./support/coordinated-repository.ts";

let repository: CoordinatedRepository;
let told: string[] = [];
const tell = (line: string): void => {
  told.push(line);
};

beforeEach(async () => {
  told = [];
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

/** So many writers at once. */
async function crowd(store: Store, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => store.write((tx) => tx.get("SELECT 1 AS one", []))),
  );
}

function long(queued: number, limit: number): string {
  return `The line of writers is long: ${String(queued)} of ${String(limit)} places in this process are taken. When all are, writes are refused (SKN-7102).`;
}

describe("a process on a file says when 80 % of its line of writers is taken", () => {
  test("where it writes for itself", async () => {
    const { skein } = await openProject({
      cwd: repository.root,
      env: plainEnv,
      onLongLine: tell,
    });

    await crowd(skein.store, 79);
    expect(told).toEqual([]);
    await crowd(skein.store, 90);
    expect(told).toEqual([long(80, 100)]);

    await skein.close();
  });

  test("where it is an agent's server, which may write for all of them", async () => {
    const source = createProjectSource({ cwd: repository.root, env: plainEnv, log: tell });

    await crowd((await source.open()).skein.store, 3_400);

    expect(told).toEqual([long(3_277, 4_096)]);
    await source.close();
  });

  test("where it serves a repository's file", async () => {
    const server = await openProjectServer({
      cwd: repository.root,
      env: plainEnv,
      onLongLine: tell,
    });

    await crowd((await server.open("local")).skein.store, 3_400);

    expect(told).toEqual([long(3_277, 4_096)]);
    await server.close();
  });
});

import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { createPostgresCluster, postgresBinaries } from "../support/postgres-cluster.ts";
import type { PostgresCluster } from "../support/postgres-cluster.ts";
import { killServe, startServe } from "../support/serve-process.ts";
import type { ServeProcess } from "../support/serve-process.ts";

let repository: CoordinatedRepository;
let cluster: PostgresCluster;
let server: ServeProcess | null = null;

async function look({ url, token }: ServeProcess): Promise<number> {
  const { status } = await fetch(`${url}/api/v1/tools/look`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ at: "board" }),
  });
  return status;
}

/** True once it has written that; what a process writes comes a moment later. */
async function says(started: ServeProcess, text: string): Promise<boolean> {
  for (let tries = 0; tries < 300 && !started.output().includes(text); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return started.output().includes(text);
}

describe.skipIf(postgresBinaries === null)("a server whose database goes away", () => {
  beforeEach(async () => {
    repository = await createCoordinatedRepository();
    cluster = await createPostgresCluster();
  });

  afterEach(async () => {
    await (server === null ? null : killServe(server));
    server = null;
    await cluster.remove();
    await repository.remove();
  });

  test("says so in its log, and that it answers again", { timeout: 120_000 }, async () => {
    const env = { SKEIN_DATABASE_URL: cluster.url, SKEIN_PROJECT: "acme/shop" };
    const where = { cwd: repository.root, env: { ...plainEnv, ...env } };
    await (await openProject({ ...where, unknownProject: "add" })).skein.close();
    const args = ["--token-file", join(repository.root, "..", "token")];
    const started = await startServe({ cwd: repository.root, env, args });
    server = started;
    const before = await look(started);

    await cluster.stop("fast");
    const meanwhile = await look(started);
    const toldAway = await says(started, "store: the database cannot be reached (SKN-7116)");
    await cluster.start();
    const toldBack = await says(started, "store: the database answers again");

    expect([before, meanwhile]).toEqual([200, 503]);
    expect([toldAway, toldBack]).toEqual([true, true]);
  });
});

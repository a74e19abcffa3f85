import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createPostgresCluster,
  freePort,
  listensOn,
  postgresBinaries,
} from "../support/postgres-cluster.ts";
import type { PostgresCluster } from "../support/postgres-cluster.ts";
import { faultsOfWork, openNode, planTasks, work } from "../support/postgres-team.ts";
import type { TeamNode } from "../support/postgres-team.ts";

const program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

let cluster: PostgresCluster;
let pooler: { readonly port: number; stop(): Promise<void> };

/** PgBouncer in transaction mode: every transaction may be on another session of the server, and there are fewer of them than clients. */
async function startPooler(target: number): Promise<typeof pooler> {
  const folder = mkdtempSync(join(tmpdir(), "skein-bouncer-"));
  const port = await freePort();
  const file = join(folder, "pgbouncer.ini");
  const users = join(folder, "users.txt");
  writeFileSync(users, '"postgres" ""\n');
  writeFileSync(
    file,
    [
      "[databases]",
      `* = host=127.0.0.1 port=${String(target)}`,
      "[pgbouncer]",
      `listen_port = ${String(port)}`,
      "listen_addr = 127.0.0.1",
      "unix_socket_dir =",
      "auth_type = trust",
      `auth_file = ${users}`,
      "pool_mode = transaction",
      "default_pool_size = 3",
      "max_client_conn = 200",
      "ignore_startup_parameters = extra_float_digits",
      "",
    ].join("\n"),
  );
  const isRoot = process.getuid?.() === 0;
  const owner = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  if (isRoot) {
    for (const path of [folder, file, users]) {
      chownSync(path, 65_534, 65_534);
    }
  }
  chmodSync(folder, 0o700);
  const child = spawn(program ?? "", ["-q", file], { ...owner, stdio: "ignore", cwd: folder });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for (let tries = 0; tries < 100 && !(await listensOn(port)); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    stop: async () => {
      child.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(postgresBinaries === null || program === undefined)(
  "PgBouncer in transaction mode (skipped where pgbouncer is not installed)",
  () => {
    beforeAll(async () => {
      cluster = await createPostgresCluster();
      pooler = await startPooler(cluster.port);
    });

    afterAll(async () => {
      await pooler.stop();
      await cluster.remove();
    });

    test("carries the work of ten agents over three sessions of the server", async () => {
      const url = cluster.url.replace(`:${String(cluster.port)}/`, `:${String(pooler.port)}/`);
      const team: readonly TeamNode[] = await Promise.all(
        Array.from({ length: 5 }, async () => openNode({ url, maxConnections: 6 })),
      );
      const [first] = team;
      if (first === undefined) {
        throw new Error("There is no node.");
      }
      await planTasks(first, 100);

      const all = await Promise.all(
        team.flatMap((node, at) =>
          [1, 2].map((agent) => work(node, `a${String(at)}-${String(agent)}`)),
        ),
      );
      const looks = await Promise.all(
        Array.from({ length: 30 }, async (_, at) =>
          (team[at % team.length] ?? first).store.read((reader) => first.plans.listPlans(reader)),
        ),
      );

      expect(await faultsOfWork(first, 100, all)).toEqual([]);
      expect(looks.every((plans) => plans.length === 1)).toBe(true);
      await Promise.all(team.map(async (node) => node.close()));
    });
  },
);

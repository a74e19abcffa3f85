import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { parsePlanYaml } from "../../src/core/plans/index.ts";
import { silenceMs } from "../../src/core/sessions/liveness.ts";
import { createPostgresPool } from "../../src/core/store/index.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { fleetPlan } from "../support/fleet.ts";
import { skeinBin } from "../support/mcp-process.ts";
import { createFastSchema } from "../support/postgres-clock.ts";
import { createPostgresCluster, postgresBinaries } from "../support/postgres-cluster.ts";
import type { PostgresCluster } from "../support/postgres-cluster.ts";
import { proofRun } from "../support/proof.ts";
import { killServe, startServe } from "../support/serve-process.ts";
import type { ServeProcess } from "../support/serve-process.ts";
import { openHttpClient, startForwarder } from "../support/team/clients.ts";
import type { TeamClient } from "../support/team/clients.ts";
import { workAsTeam } from "../support/team/fleet.ts";
import { createTcpBalancer } from "../support/team/tcp-balancer.ts";
import type { TcpBalancer } from "../support/team/tcp-balancer.ts";

const { count: tasks, seed } = proofRun("FLEET", 120);
const httpClients = 50;
const forwarders = 10;
const deaths = Math.round(tasks / 20);

/** Half an hour of silence is over in 30 seconds: a database's recovery on a loaded machine is shorter than that. */
const speed = 60;

/** What is back this much later than the silence that ends a claim is back in time. */
const graceMs = 60_000;

/** When the fleet gives up: far beyond what it takes. */
const limitMs = 240_000 + tasks * 2_000;

const exec = promisify(execFile);

let repository: CoordinatedRepository;
let cluster: PostgresCluster;
let balancer: TcpBalancer;
let nodes: readonly ServeProcess[] = [];
let env: Readonly<Record<string, string>> = {};

async function startTeam(): Promise<void> {
  const pool = await createPostgresPool({ url: cluster.url, maxConnections: 1 });
  const url = await createFastSchema(pool, { url: cluster.url, speed });
  await pool.end();
  env = { SKEIN_DATABASE_URL: url, SKEIN_PROJECT: "acme/shop" };
  const made = await openProject({
    cwd: repository.root,
    env: { ...plainEnv, ...env },
    unknownProject: "add",
  });
  const plan = parsePlanYaml(fleetPlan({ tasks, seed }));
  await made.skein.dispatch.importPlan(plan, { actor: "person:ada", cause: null });
  await made.skein.close();
  // Both have one secret, so that a client may go to either.
  const args = ["--db", url, "--token-file", join(repository.root, "..", "token")];
  const start = async (): Promise<ServeProcess> =>
    startServe({ cwd: repository.root, env: { SKEIN_PROJECT: "acme/shop" }, args });
  nodes = [await start(), await start()];
  balancer = await createTcpBalancer(nodes.map((node) => Number(new URL(node.url).port)));
}

async function openClient(agent: number, name: string): Promise<TeamClient> {
  const token = nodes[0]?.token ?? "";
  if (agent >= httpClients) {
    const url = `http://127.0.0.1:${String(balancer.port)}`;
    return startForwarder({ url, token, name, cwd: repository.root });
  }
  const urls = nodes.map(({ url }) => `${url}/mcp`);
  const own = agent % 2 === 0 ? urls : urls.toReversed();
  return openHttpClient({ urls: own, token, name, era: agent % 4 < 2 ? "legacy" : "modern" });
}

async function restart(mode: "fast" | "immediate"): Promise<void> {
  await cluster.stop(mode);
  await cluster.start();
}

/** What the store says of the work. */
async function attemptsOf(): Promise<{
  /** How often each task was handed in. */
  readonly handedIn: readonly number[];
  /** How much later than a silent session's claim had ended each of its tasks was back, in real milliseconds. */
  readonly lateMs: readonly number[];
}> {
  const { skein } = await openProject({ cwd: repository.root, env: { ...plainEnv, ...env } });
  const { attempts, sessions } = await skein.store.read(async (reader) => ({
    attempts: await skein.plans.attemptsOfPlan(reader, "fleet"),
    sessions: await skein.sessions.list(reader, "all"),
  }));
  await skein.close();
  const renewedAtMs = new Map(sessions.map((session) => [session.id, session.renewedAtMs]));
  const each = [...attempts.values()];
  return {
    handedIn: each.map((of) => of.filter(({ outcome }) => outcome === "submitted").length),
    lateMs: each.flat().flatMap(({ session, outcome, endedAtMs }) => {
      const silentAtMs = (renewedAtMs.get(session) ?? 0) + silenceMs;
      return outcome === "submitted" || endedAtMs === null
        ? []
        : [(endedAtMs - silentAtMs) / speed];
    }),
  };
}

describe.skipIf(postgresBinaries === null)("a team over one database", () => {
  beforeEach(async () => {
    repository = await createCoordinatedRepository();
    cluster = await createPostgresCluster();
    await startTeam();
  });

  afterEach(async () => {
    await Promise.all(nodes.map(killServe));
    await balancer.close();
    await cluster.remove();
    await repository.remove();
  });

  test(
    `${String(httpClients)} HTTP clients and ${String(forwarders)} stdio forwarders do ${String(tasks)} tasks once, while a node is killed and PostgreSQL is restarted twice`,
    { timeout: limitMs + 60_000 },
    async () => {
      const happened: string[] = [];
      const [killed] = nodes;
      const at = (share: number, word: string, run: () => Promise<void>) => ({
        afterTasks: Math.round(tasks * share),
        run: async () => {
          await run();
          happened.push(word);
        },
      });

      const worked = await workAsTeam({
        openClient,
        agents: httpClients + forwarders,
        tasks,
        deaths,
        events: [
          at(0.2, "restarted", async () => restart("fast")),
          at(0.45, "killed", async () => {
            if (killed !== undefined) {
              await killServe(killed);
            }
          }),
          at(0.7, "crashed", async () => restart("immediate")),
        ],
        seed,
        limitMs,
      });

      const { handedIn, lateMs } = await attemptsOf();
      const verified = await exec(process.execPath, [skeinBin, "verify"], {
        cwd: repository.root,
        env: { ...plainEnv, ...env },
      });

      expect(happened).toEqual(["restarted", "killed", "crashed"]);
      expect(handedIn).toHaveLength(tasks);
      expect(handedIn.every((count) => count === 1)).toBe(true);
      expect(new Set(worked.acknowledged).size).toBe(worked.acknowledged.length);
      expect(new Set([...worked.acknowledged, ...worked.lapsed]).size).toBe(tasks);
      expect(worked.orphaned).toHaveLength(deaths);
      expect(lateMs.length).toBeGreaterThanOrEqual(deaths);
      expect(Math.max(...lateMs)).toBeLessThan(graceMs);
      expect(verified.stdout).toContain("Clean");
    },
  );
});

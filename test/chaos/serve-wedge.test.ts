import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { ownObject, ownText, ownValue } from "../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../src/core/base/loose-object.ts";
import { parsePlanYaml } from "../../src/core/plans/index.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { createFaultProxy } from "../support/fault-proxy.ts";
import type { FaultProxy } from "../support/fault-proxy.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import { proofRun } from "../support/proof.ts";
import { killServe, startServe } from "../support/serve-process.ts";
import type { ServeProcess } from "../support/serve-process.ts";
import { insist, openHttpClient } from "../support/team/clients.ts";
import type { TeamClient } from "../support/team/clients.ts";

const rounds = proofRun("R28", 3).count;

/** How many rounds run side by side: they mostly wait. */
const sideBySide = 3;

const agents = 8;

/** Whatever is wrong is over, or the process is, within this time. */
const healMs = 60_000;

/** How the database goes away: its name, its port, its connections alone, or its answers. */
const ways = ["unresolved", "refused", "forgotten", "silent"] as const;

type Way = (typeof ways)[number];

/** One server, whose way to the database can be harmed, and its agents. */
interface Scene {
  readonly repository: CoordinatedRepository;
  readonly place: PostgresPlace;
  readonly proxy: FaultProxy;
  readonly server: ServeProcess;
  readonly clients: readonly TeamClient[];
  /** While this file is there the database has no name. */
  readonly unresolved: string;
  /** How long each try of a call was without an answer, in milliseconds. */
  readonly triedMs: number[];
}

async function openScene(): Promise<Scene> {
  const repository = await createCoordinatedRepository();
  const place = await createPostgresPlace(postgresUrl ?? "");
  const proxy = await createFaultProxy(Number(new URL(place.url).port));
  const made = await openProject({
    cwd: repository.root,
    env: { ...plainEnv, SKEIN_DATABASE_URL: place.url, SKEIN_PROJECT: "acme/shop" },
    unknownProject: "add",
  });
  const tasks = Array.from({ length: agents }, (_, at) => ({
    id: `T${String(at)}`,
    title: "One",
    files: [`src/${String(at)}/**`],
  }));
  const plan = parsePlanYaml(JSON.stringify({ plan: "p", title: "P", verify: "none", tasks }));
  await made.skein.dispatch.importPlan(plan, { actor: "person:ada", cause: null });
  await made.skein.close();
  const damaged = new URL(place.url);
  damaged.hostname = "database.test";
  damaged.port = String(proxy.port);
  const unresolved = join(repository.root, "..", "unresolved");
  const server = await startServe({
    cwd: repository.root,
    env: {
      SKEIN_DATABASE_URL: damaged.href,
      SKEIN_PROJECT: "acme/shop",
      SKEIN_STORE_STATEMENT_SECONDS: "5",
      SKEIN_TEST_UNRESOLVED: unresolved,
    },
    nodeArgs: [
      "--require",
      fileURLToPath(new URL("../support/unresolved-name.cjs", import.meta.url)),
    ],
  });
  const triedMs: number[] = [];
  const clients = tasks.map(({ id }) =>
    timed(
      openHttpClient({
        urls: [`${server.url}/mcp`],
        token: server.token,
        name: id,
        era: "modern",
      }),
      triedMs,
    ),
  );
  return { repository, place, proxy, server, clients, unresolved, triedMs };
}

function timed(client: TeamClient, triedMs: number[]): TeamClient {
  return {
    ...client,
    call: async (tool, args) => {
      const startMs = performance.now();
      try {
        return await client.call(tool, args);
      } finally {
        triedMs.push(performance.now() - startMs);
      }
    },
  };
}

async function closeScene({ clients, server, proxy, place, repository }: Scene): Promise<void> {
  await Promise.all(clients.map(async (client) => client.close()));
  await killServe(server);
  await proxy.close();
  await place.remove();
  await repository.remove();
}

async function patiently(
  client: TeamClient,
  tool: string,
  args: LooseObject,
): Promise<LooseObject> {
  const untilMs = performance.now() + healMs;
  return insist({ client, untilMs, told: () => undefined }, tool, args);
}

interface Held {
  readonly client: TeamClient;
  readonly task: string;
  readonly fence: unknown;
}

/** Every agent takes a task. */
async function claimAll({ clients }: Scene, time: string): Promise<readonly Held[]> {
  return Promise.all(
    clients.map(async (client) => {
      const answer = await patiently(client, "next_task", { key: `next ${time}` });
      const task = ownText(ownObject(answer, "task"), "id") ?? "";
      expect(task).not.toBe("");
      return { client, task, fence: ownValue(answer, "fence") };
    }),
  );
}

/** Half of the agents give their task back, half its files. */
function release({ task, fence }: Held, at: number): [tool: string, args: LooseObject] {
  return at % 2 === 0
    ? ["finish_task", { task, fence, outcome: "released", summary: "Later.", key: `end ${task}` }]
    : ["release_files", { paths: [`src/${task.slice(1)}/**`], key: `free ${task}` }];
}

/** Takes the database away; the answer brings it back. */
function takeAway({ proxy, unresolved }: Scene, way: Way): () => void {
  switch (way) {
    case "unresolved":
      writeFileSync(unresolved, "");
      proxy.reset();
      break;
    case "refused":
      proxy.become({ kind: "parted" });
      break;
    case "forgotten":
      proxy.forget();
      break;
    case "silent":
      proxy.become({ kind: "half-open" });
      break;
  }
  return () => {
    rmSync(unresolved, { force: true });
    proxy.become({ kind: "clean" });
  };
}

/** The database goes away while work is given back, and is there again soon: how long until all is as it should be, in milliseconds. */
async function heal(scene: Scene, way: Way, round: number): Promise<number> {
  const held = await claimAll(scene, "first");
  const releasing = held.map(async (each, at) => patiently(each.client, ...release(each, at)));
  await pause(round % 25);
  const bringBack = takeAway(scene, way);
  await pause(1_500);
  bringBack();
  const backMs = performance.now();
  await Promise.all(releasing);
  await expect
    .poll(async () => (await fetch(`${scene.server.url}/readyz`)).status, { timeout: healMs })
    .toBe(200);
  return performance.now() - backMs;
}

/** What the store says of all that. */
async function stateOf({ repository, place }: Scene): Promise<{
  readonly isClean: boolean;
  /** How many times a task was given back. */
  readonly givenBack: number;
}> {
  const env = { ...plainEnv, SKEIN_DATABASE_URL: place.url, SKEIN_PROJECT: "acme/shop" };
  const { skein } = await openProject({ cwd: repository.root, env });
  const attempts = await skein.store.read((reader) => skein.plans.attemptsOfPlan(reader, "p"));
  const { isClean } = await skein.upkeep.verify();
  await skein.close();
  const given = [...attempts.values()].flat().filter(({ outcome }) => outcome === "released");
  return { isClean, givenBack: given.length };
}

/** The database goes away for good while the server ends, with calls under way. */
async function end(
  scene: Scene,
  way: Way,
): Promise<{
  readonly endedMs: number;
  /** Null: it had not ended when it was time. */
  readonly exitCode: number | null;
}> {
  const { server } = scene;
  const held = await claimAll(scene, "second");
  const cut = Promise.allSettled(
    held.map(async (each, at) => each.client.call(...release(each, at + 1))),
  );
  takeAway(scene, way);
  const toldMs = performance.now();
  server.child.kill("SIGTERM");
  const exitCode = await Promise.race([server.exited, pause(healMs, null, { ref: false })]);
  const endedMs = performance.now() - toldMs;
  await cut;
  return { endedMs, exitCode };
}

/** What one round came to. */
interface Outcome {
  readonly way: Way;
  readonly longestTryMs: number;
  readonly healedMs: number;
  readonly isClean: boolean;
  readonly givenBack: number;
  readonly endedMs: number;
  readonly exitCode: number | null;
}

async function runRound(round: number): Promise<Outcome> {
  const way = ways[round % ways.length] ?? "refused";
  const scene = await openScene();
  try {
    const healedMs = await heal(scene, way, round);
    const state = await stateOf(scene);
    const ended = await end(scene, way);
    return { way, longestTryMs: Math.max(...scene.triedMs), healedMs, ...state, ...ended };
  } finally {
    await closeScene(scene);
  }
}

describe.skipIf(postgresUrl === null)("a server whose database goes away", () => {
  test(`R28: ${String(rounds)} times while work is given back and while the server ends: it heals or ends, within a minute`, async () => {
    const outcomes: Outcome[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      for (; next < rounds;) {
        next += 1;
        outcomes.push(await runRound(next - 1));
      }
    };

    await Promise.all(Array.from({ length: sideBySide }, lane));

    expect(outcomes).toHaveLength(rounds);
    for (const { longestTryMs, healedMs, endedMs, ...outcome } of outcomes) {
      expect(outcome).toMatchObject({ isClean: true, givenBack: agents / 2 });
      expect(outcome.exitCode).not.toBeNull();
      expect(Math.max(longestTryMs, healedMs, endedMs)).toBeLessThan(healMs);
    }
  });
});

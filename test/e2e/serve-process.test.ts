import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { faultsOf } from "../support/cli-documents.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import { killServe, startServe } from "../support/serve-process.ts";
import type { ServeProcess } from "../support/serve-process.ts";

let repository: CoordinatedRepository;
let started: ServeProcess[];

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map(killServe));
  await repository.remove();
});

async function start(
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<ServeProcess> {
  const server = await startServe({ cwd: repository.root, env, args });
  started.push(server);
  return server;
}

async function call(
  { url, token }: Pick<ServeProcess, "url" | "token">,
  tool: string,
  { agent = "ada", ...input }: Readonly<Record<string, unknown>> & { readonly agent?: string },
): Promise<Readonly<Record<string, unknown>> & { readonly status: number }> {
  const response = await fetch(`${url}/api/v1/tools/${tool}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "skein-external-id": `test:${agent}`,
    },
    body: JSON.stringify(input),
  });
  const body: Record<string, unknown> = JSON.parse(await response.text());
  return { ...body, status: response.status };
}

const aPlan = (count: number) => ({
  plan: "p",
  title: "P",
  verify: "none",
  tasks: Array.from({ length: count }, (_, at) => ({ id: `T${String(at + 1)}`, title: "One" })),
});

describe("skein serve", () => {
  test("tells where it listens and keeps its token in a file that only its user can read", async () => {
    const server = await start();
    const place = join(repository.project.storeDir, "serve.json");
    const answer = await call(server, "look", { at: "board" });
    const found = readFileSync(place, "utf8");

    expect(answer.status).toBe(200);
    expect(statSync(join(repository.project.storeDir, "serve-token")).mode & 0o777).toBe(0o600);
    expect(statSync(place).mode & 0o777).toBe(0o600);
    expect(JSON.parse(found)).toMatchObject({ url: server.url, pid: server.child.pid });
    expect(faultsOf("serve", JSON.parse(server.output().split("\n", 1)[0] ?? ""))).toEqual([]);
    expect(found + server.output()).not.toContain(server.token);
  });

  test("ends in order at SIGTERM: readyz turns, a call that waits is answered, and nothing is cut off", async () => {
    const server = await start();
    const waiting = call(server, "next_task", { wait_seconds: 45 });
    await expect
      .poll(async () => {
        const response = await fetch(`${server.url}/healthz`);
        const { load }: { load: { sleeping: number } } = JSON.parse(await response.text());
        return load.sleeping;
      })
      .toBe(1);
    server.child.kill("SIGTERM");
    const answer = await waiting;
    const ready = await fetch(`${server.url}/readyz`);
    const last = await call(server, "look", { at: "board" });
    const code = await server.exited;

    expect(answer).toMatchObject({ status: 200, task: null });
    expect(ready.status).toBe(503);
    expect(ready.headers.get("connection")).toBe("close");
    expect(last.status).toBe(200);
    expect(code).toBe(0);
    expect(existsSync(join(repository.project.storeDir, "serve.json"))).toBe(false);
  });

  test("writes its log as one JSON object a line, to the end, and is gone when it has said so", async () => {
    const server = await start({}, ["--log-format", "json"]);
    await call(server, "look", { at: "board" });
    server.child.kill("SIGTERM");
    await expect.poll(() => server.output(), { timeout: 30_000 }).toContain('"ended"');
    // Long for a process that has nothing left to do, and short beside the time that calls are given to end.
    const code = await Promise.race([server.exited, pause(10_000, "still there", { ref: false })]);

    expect(code).toBe(0);
    const [, ...lines] = server.output().trimEnd().split("\n");
    const told = lines.map((line) => {
      const object: Record<string, unknown> = JSON.parse(line);
      return object;
    });

    expect(told).toMatchObject([
      { event: "request", action: "tool:look", status: 200, principal: "loopback" },
      { event: "server", message: "ending: finishing what has begun" },
      { event: "server", message: "ended" },
    ]);
    expect(server.output()).not.toContain(server.token);
  });

  test("works and ends as ever when nobody reads its log any more", async () => {
    const server = await start({}, ["--log-format", "json"]);
    server.child.stderr?.destroy();
    const answers = [
      await call(server, "next_task", {}),
      await call(server, "look", { at: "board" }),
    ];
    server.child.kill("SIGTERM");
    const code = await Promise.race([server.exited, pause(40_000, "still there", { ref: false })]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(code).toBe(0);
  });

  test("loses no call that it answered when it is killed in the midst of many", async () => {
    const server = await start();
    await call(server, "propose_plan", aPlan(40));
    const claimed = new Map<string, unknown>();
    const agents = Array.from({ length: 20 }, async (_, at) => {
      const agent = `a${String(at)}`;
      claimed.set(agent, (await call(server, "next_task", { agent }))["task"]);
      if (claimed.size === 5) {
        server.child.kill("SIGKILL");
      }
    });
    await Promise.allSettled(agents);
    await server.exited;
    const again = await start();
    const after = await Promise.all(
      [...claimed.keys()].map(async (agent) => (await call(again, "next_task", { agent }))["task"]),
    );
    const { skein } = repository.project;
    const check = await skein.store.read((reader) => skein.events.check(reader));

    expect(claimed.size).toBeGreaterThanOrEqual(5);
    expect(after.map(idOf)).toEqual([...claimed.values()].map(idOf));
    expect(new Set(after.map(idOf)).size).toBe(claimed.size);
    expect(check.faults).toEqual([]);
  });

  test("refuses to be reached by others without identities", async () => {
    await expect(start({}, ["--host", "0.0.0.0"])).rejects.toThrow(/ended with 9: .*SKN-8931/su);
  });
});

describe.skipIf(postgresUrl === null)("two nodes of skein serve over one database", () => {
  test("give every task to one agent, also when one of them is killed", async () => {
    const place = await createPostgresPlace(postgresUrl ?? "");
    const env = { SKEIN_DATABASE_URL: place.url, SKEIN_PROJECT: "acme/shop" };
    const made = await openProject({
      cwd: repository.root,
      env: { ...plainEnv, ...env },
      unknownProject: "add",
    });
    await made.skein.close();
    const [one, other] = await Promise.all([
      start(env, ["--token-file", join(repository.root, "..", "one-token")]),
      start(env, ["--token-file", join(repository.root, "..", "other-token")]),
    ]);
    await call(one, "propose_plan", aPlan(24));
    const taken: string[] = [];
    const work = async (agent: string): Promise<void> => {
      let node = agent.startsWith("one") ? one : other;
      for (;;) {
        try {
          const answer = await call(node, "next_task", { agent });
          const task = idOf(answer["task"]);
          if (task === null) {
            return;
          }
          await finish(node, agent, { task, fence: answer["fence"] });
          taken.push(task);
          if (taken.length === 8) {
            one.child.kill("SIGKILL");
          }
        } catch {
          // Its node is gone: the other one knows the session as well.
          node = other;
        }
      }
    };

    await Promise.all(["one-a", "one-b", "other-a", "other-b"].map(work));
    const board = await call(other, "look", { at: "plan", id: "p" });
    const events = await (
      await fetch(`${other.url}/metrics`, { headers: { authorization: `Bearer ${other.token}` } })
    ).text();
    other.child.kill("SIGKILL");
    await other.exited;
    await place.remove();

    expect(new Set(taken).size).toBe(taken.length);
    // What the killed node had saved and not answered is done, too.
    expect(taken.length).toBeGreaterThanOrEqual(22);
    expect(JSON.stringify(board)).toContain('"done":24');
    expect(events).toContain("skein_up 1");
  });
});

function idOf(task: unknown): string | null {
  const id: unknown = task === null || task === undefined ? null : Reflect.get(Object(task), "id");
  return typeof id === "string" ? id : null;
}

async function finish(
  node: ServeProcess,
  agent: string,
  claim: { readonly task: string; readonly fence: unknown },
): Promise<void> {
  const { status } = await call(node, "finish_task", {
    ...claim,
    agent,
    outcome: "submitted",
    summary: "Done.",
    key: `finish ${claim.task}`,
  });
  expect(status).toBe(200);
}

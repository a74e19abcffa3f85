import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readLocalServer, stateOf } from "../../src/adapters/server/local-server.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { bearableMs, expectEachOnce, load, timesDone, until } from "../support/agents-load.ts";
import { skeinBin, startMcpProcess } from "../support/mcp-process.ts";
import type { McpProcess } from "../support/mcp-process.ts";

let repository: CoordinatedRepository;
let agents: McpProcess[];
let servers: ChildProcess[];

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  agents = [];
  servers = [];
});

afterEach(async () => {
  for (const { child, exited } of agents) {
    child.kill("SIGKILL");
    await exited;
  }
  for (const server of servers) {
    server.kill("SIGCONT");
    server.kill("SIGKILL");
  }
  await repository.remove();
});

const announcement = (): string => join(repository.root, ".git/skein/serve.json");

/** Starts `skein serve` over the repository's own file. */
async function serve(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [skeinBin, "serve", "--port", "0"], {
    cwd: repository.root,
    env: { ...plainEnv },
    stdio: "ignore",
  });
  servers.push(child);
  await until(() => existsSync(announcement()) && readLocalServer(announcement()) !== null);
  return child;
}

async function startAgents(count: number): Promise<readonly McpProcess[]> {
  for (let at = 0; at < count; at += 1) {
    agents.push(await startMcpProcess(repository.root));
  }
  return agents;
}

async function principals(): Promise<readonly (string | null)[]> {
  const { store, sessions } = repository.project.skein;
  const living = await store.read((reader) => sessions.list(reader, "living"));
  return living.map(({ principal }) => principal);
}

describe("skein serve beside agents of the same machine", () => {
  test("is found by itself, writes for them, and knows their processes", async () => {
    await serve();
    const [agent] = await startAgents(1);

    await agent?.request("tools/call", {
      name: "send_message",
      arguments: { to: "all", text: "x" },
    });

    expect(await principals()).toEqual(["loopback"]);
    const { store, sessions } = repository.project.skein;
    const [session] = await store.read((reader) => sessions.list(reader, "living"));
    expect(session?.process?.pid).toBeGreaterThan(1);
    expect(session?.gitDir).toBe(repository.project.repository.gitDir);
  });

  test.each([
    ["killed", "SIGKILL"],
    ["frozen", "SIGSTOP"],
  ] as const)(
    "once it is %s its agents go on by themselves, each call once",
    async (_word, signal) => {
      const server = await serve();
      const sending = load(await startAgents(4));
      await until(() => sending.acknowledged.length > 40);
      sending.slowestMs = 0;

      server.kill(signal);
      const before = sending.acknowledged.length;
      await until(() => sending.acknowledged.length > before + 40);
      const { slowestMs } = sending;
      server.kill("SIGCONT");
      await sending.stop();

      expect(slowestMs).toBeLessThan(bearableMs);
      await expectEachOnce(repository, sending);
      expect(await principals()).toContain("loopback");
    },
    60_000,
  );

  test("one that stood still and goes on does no call that was given up", async () => {
    const server = await serve();
    const [agent] = await startAgents(1);
    await agent?.request("tools/call", { name: "next_task", arguments: {} });

    expect(agent && (await timesDone(repository, agent, server))).toBe(1);
  }, 60_000);

  test("a server that comes back is asked again", async () => {
    const first = await serve();
    const sending = load(await startAgents(2));
    await until(() => sending.acknowledged.length > 10);
    first.kill("SIGKILL");
    await until(() => first.signalCode !== null);
    const before = sending.acknowledged.length;
    await until(() => sending.acknowledged.length > before + 10);

    const second = await serve();
    await until(() => {
      const announced = readLocalServer(announcement());
      return (
        announced?.pid === second.pid &&
        stateOf({ pid: second.pid ?? 0, startedAt: "" }) === "running"
      );
    });
    const again = sending.acknowledged.length;
    await until(() => sending.acknowledged.length > again + 10);
    await sending.stop();

    await expectEachOnce(repository, sending);
  }, 60_000);
});

import { readdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSeat } from "../../src/adapters/leading/seat.ts";
import { databaseOf } from "../../src/store-place.ts";
import { ownObject } from "../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../src/core/base/loose-object.ts";
import { bearableMs, expectEachOnce, load, timesDone, until } from "../support/agents-load.ts";
import type { Load } from "../support/agents-load.ts";
import { createCoordinatedRepository } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { startMcpProcess } from "../support/mcp-process.ts";
import type { McpProcess } from "../support/mcp-process.ts";

let repository: CoordinatedRepository;
let agents: McpProcess[];

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  agents = [];
});

afterEach(async () => {
  for (const { child, exited } of agents) {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await exited;
  }
  await repository.remove();
});

const storeDir = (): string => join(repository.root, ".git/skein");
const leaderPid = (): number | null => readSeat(join(storeDir(), "leader.json"))?.pid ?? null;
const leader = (): McpProcess | undefined => agents.find(({ child }) => child.pid === leaderPid());

/** Agents that send all the time, and meet each other often: another writer holds the store again and again until one of them leads. */
async function startElected(count: number): Promise<Load> {
  for (let at = 0; at < count; at += 1) {
    agents.push(await startMcpProcess(repository.root));
  }
  const sending = load(agents);
  await press(() => leaderPid() !== null);
  return sending;
}

async function press(isEnough: () => boolean): Promise<void> {
  const database = new Database(databaseOf(storeDir()));
  const endMs = performance.now() + 30_000;
  while (!isEnough() && performance.now() < endMs) {
    database.exec("BEGIN IMMEDIATE");
    await pause(60);
    database.exec("ROLLBACK");
    await pause(30);
  }
  database.close();
  expect(isEnough()).toBe(true);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Waits for so many more answers. */
async function more(count: number, among: Load): Promise<void> {
  const before = among.acknowledged.length;
  await until(() => among.acknowledged.length > before + count);
}

describe("agents that share a store and meet each other often", () => {
  test("elect one that writes for all, each as itself", async () => {
    const sent = await startElected(4);
    await more(60, sent);
    await sent.stop();

    await expectEachOnce(repository, sent);
    const { store, sessions } = repository.project.skein;
    const living = await store.read((reader) => sessions.list(reader, "living"));
    expect(new Set(living.map(({ process }) => process?.pid)).size).toBe(4);
    expect(new Set(living.map(({ principal }) => principal))).toEqual(new Set([null]));
    expect(agents.filter((agent) => agent.stderr().includes("writes for those"))).toHaveLength(1);
  }, 60_000);

  test.each([
    ["killed", "SIGKILL"],
    ["frozen", "SIGSTOP"],
  ] as const)(
    "go on when it is %s, each call once, and elect another",
    async (_word, signal) => {
      const sent = await startElected(5);
      await more(40, sent);
      const lost = leader();
      const pid = lost?.child.pid;
      sent.slowestMs = 0;

      lost?.child.kill(signal);
      await more(60, sent);
      const { slowestMs } = sent;
      await press(() => leaderPid() !== null && leaderPid() !== pid);
      await more(40, sent);
      lost?.child.kill("SIGCONT");
      await more(20, sent);
      await sent.stop();

      expect(slowestMs).toBeLessThan(bearableMs);
      await expectEachOnce(repository, sent);
    },
    90_000,
  );

  test("one that ends in order leaves nothing undone and nothing behind", async () => {
    const sent = await startElected(4);
    await more(20, sent);
    const ending = leader();
    await sent.leave(ending);

    ending?.child.stdin.end();
    await ending?.exited;
    await more(40, sent);
    await sent.stop();

    await expectEachOnce(repository, sent);
    const left = readdirSync(storeDir()).filter((name) =>
      name.startsWith(`leader-${String(ending?.child.pid)}-`),
    );
    expect(left).toEqual([]);
    expect(leaderPid()).not.toBe(ending?.child.pid);
  }, 60_000);
});

/** One agent that leads, and one that asks it from a worktree of its own. */
async function startPair(): Promise<{ readonly first: McpProcess; readonly second: McpProcess }> {
  const { root } = repository;
  repository.git(root, "worktree", "add", "--quiet", "--detach", otherRoot());
  const first = await startMcpProcess(root);
  const second = await startMcpProcess(otherRoot());
  agents.push(first, second);
  const sending = load([first]);
  await press(() => leaderPid() === first.child.pid);
  await sending.stop();
  await send(second, "hello");
  return { first, second };
}

const otherRoot = (): string => join(repository.root, "../other");

async function call(agent: McpProcess, name: string, args: object): Promise<LooseObject> {
  const { result = {} } = await agent.request("tools/call", { name, arguments: args });
  return ownObject(result, "structuredContent");
}

async function send(agent: McpProcess, text: string): Promise<LooseObject> {
  return call(agent, "send_message", { to: "all", text });
}

describe("an agent that has another one write for it", () => {
  test("hands in HEAD of its own worktree, also under a key of its own", async () => {
    const { second } = await startPair();
    repository.git(otherRoot(), "commit", "--quiet", "--allow-empty", "-m", "Work");
    await repository.plan("plan: p\ntitle: P\ntasks:\n  - id: T1\n    title: One\n");
    const { fence } = await call(second, "next_task", {});

    const finishing = { task: "T1", fence, outcome: "submitted", summary: "s", key: "mine" };
    const answer = await call(second, "finish_task", finishing);

    const { store, plans } = repository.project.skein;
    const task = await store.read(async (reader) => plans.get(reader, { plan: "p", id: "T1" }));
    expect(answer).toMatchObject({ status: "submitted" });
    expect(task.commit).toBe(repository.git(otherRoot(), "rev-parse", "HEAD"));
  }, 60_000);

  test("has a call done once though that one stood still for as long as a session's keys are kept", async () => {
    const { first, second } = await startPair();

    expect(await timesDone(repository, second, first.child)).toBe(1);
  }, 60_000);
});

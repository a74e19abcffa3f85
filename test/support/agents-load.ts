import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { keptKeys } from "../../src/core/sessions/once.ts";
import { databaseOf } from "../../src/store-place.ts";
import type { CoordinatedRepository } from "./coordinated-repository.ts";
import type { McpProcess } from "./mcp-process.ts";

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > endMs) {
      throw new Error("It did not come true within 20 s.");
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Agents that send messages, and what they were told. */
export interface Load {
  /** The texts that were acknowledged, in order. */
  readonly acknowledged: string[];
  slowestMs: number;
  readonly faults: string[];
  /** Ends all sending, after the answers that are due; an agent whose process has ended sends no more. */
  stop(): Promise<void>;
  /** Ends the sending of one. */
  leave(agent: McpProcess | undefined): Promise<void>;
}

/** Each agent sends one message after another until it is told to stop. */
export function load(senders: readonly McpProcess[]): Load {
  const over = new Set<McpProcess>();
  const told: Omit<Load, "stop" | "leave"> = { acknowledged: [], slowestMs: 0, faults: [] };
  const send = async (agent: McpProcess, who: number): Promise<void> => {
    const gone = agent.exited.then(() => null);
    for (let count = 0; !over.has(agent); count += 1) {
      const text = `${String(who)}-${String(count)}`;
      const startMs = performance.now();
      const asked = agent.request("tools/call", {
        name: "send_message",
        arguments: { to: "all", text },
      });
      const answer = await Promise.race([asked, gone]);
      if (answer === null) {
        return;
      }
      const { result } = answer;
      told.slowestMs = Math.max(told.slowestMs, performance.now() - startMs);
      const fault = result?.["isError"] === true ? JSON.stringify(result["structuredContent"]) : "";
      if (fault.includes("SKN-7301")) {
        // On a quick machine an agent that never pauses calls more often than any session may.
        await new Promise((resolve) => setTimeout(resolve, 50));
      } else if (fault === "") {
        told.acknowledged.push(text);
      } else {
        told.faults.push(fault);
      }
    }
  };
  const work = new Map(senders.map((agent, who) => [agent, send(agent, who)]));
  return Object.assign(told, {
    stop: async () => {
      senders.forEach((agent) => over.add(agent));
      await Promise.all(work.values());
    },
    leave: async (agent: McpProcess | undefined) => {
      if (agent !== undefined) {
        over.add(agent);
        await work.get(agent);
      }
    },
  });
}

/** The texts of all messages of a repository's board. */
export async function sentTexts({ project }: CoordinatedRepository): Promise<readonly string[]> {
  const { store, messages } = project.skein;
  return store.read(async (reader) => {
    const all = await messages.list(reader, { limit: 100_000 });
    return all.map(({ text }) => text);
  });
}

/** Nothing that was acknowledged is lost, and nothing is there twice. */
export async function expectEachOnce(
  repository: CoordinatedRepository,
  { acknowledged, faults }: Load,
): Promise<void> {
  const texts = await sentTexts(repository);
  expect(faults).toEqual([]);
  expect(new Set(texts).size).toBe(texts.length);
  expect(acknowledged.filter((text) => !texts.includes(text))).toEqual([]);
  expect((await repository.project.skein.upkeep.verify()).isClean).toBe(true);
}

/** How long a call may take while whoever leads is lost: far above the aim of 250 ms, since the machine that runs the tests may be busy. */
export const bearableMs = 2_500;

/**
 * Has the process that writes for an agent stand still with a call in hand until the agent has made so many others that the call's key is
 * forgotten, and tells how often that call was done.
 */
export async function timesDone(
  repository: CoordinatedRepository,
  agent: McpProcess,
  writer: ChildProcess,
): Promise<number> {
  const send = async (text: string): Promise<unknown> =>
    agent.request("tools/call", { name: "send_message", arguments: { to: "all", text } });
  const database = new Database(databaseOf(join(repository.root, ".git/skein")));
  database.exec("BEGIN IMMEDIATE");
  const asked = send("once");
  await pause(100);
  writer.kill("SIGSTOP");
  database.exec("ROLLBACK");
  database.close();
  await asked;
  for (let count = 0; count <= keptKeys; count += 1) {
    await send(`later ${String(count)}`);
  }
  writer.kill("SIGCONT");
  await pause(1_000);
  const texts = await sentTexts(repository);
  expect(texts).toContain(`later ${String(keptKeys)}`);
  return texts.filter((text) => text === "once").length;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

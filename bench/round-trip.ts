import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCoordinatedRepository } from "../test/support/coordinated-repository.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { serveSkein, serveTrivial } from "./support/servers.ts";
import type { Served } from "./support/servers.ts";
import { aPlan, aTask, joinMany } from "./support/stand.ts";
import { median, rounded } from "./support/statistics.ts";

const warmUp = 40;
const calls = warmUp + (isQuick ? 60 : 200);

/** `next_task` through a client over stdio, over a tool that writes one row: both wait for the disk, or neither does. */
async function main(): Promise<void> {
  report([...(await figuresOf("full")), ...(await figuresOf("normal"))]);
}

async function figuresOf(durability: "full" | "normal"): Promise<readonly Figure[]> {
  const { ours, trivial } = await measure(durability);
  const flush = durability === "full" ? "flushed" : "not flushed";
  return [
    {
      name: `next_task over stdio, over a trivial tool with one write, ${flush}`,
      value: rounded(ours / trivial),
      unit: "x",
      target: atMost(3),
    },
    { name: `next_task over stdio, ${flush}`, value: rounded(ours), unit: "ms", target: null },
    {
      name: `trivial tool over stdio, ${flush}`,
      value: rounded(trivial),
      unit: "ms",
      target: null,
    },
  ];
}

/** Medians in milliseconds, call by call in turns. */
async function measure(
  durability: "full" | "normal",
): Promise<{ readonly ours: number; readonly trivial: number }> {
  const repository = await createCoordinatedRepository();
  const { skein } = repository.project;
  const tasks = Array.from({ length: calls + 10 }, (_, at) => aTask(`T${String(at + 1)}`));
  await skein.dispatch.importPlan(aPlan(tasks), { actor: "system" });
  const callers = await joinMany(skein, 20);
  writeFileSync(join(repository.root, "skein.yml"), `store:\n  durability: ${durability}\n`);
  const ours = await serveSkein(repository.root);
  const trivial = await serveTrivial(repository.root, durability);
  const [ourMs, trivialMs]: [number[], number[]] = [[], []];
  for (let at = 0; at < calls; at += 1) {
    const session = callers[at % callers.length]?.handle ?? "";
    trivialMs.push((await timed(trivial, "note", { text: "a note" })).ms);
    const { ms, answer } = await timed(ours, "next_task", { session });
    ourMs.push(ms);
    await finish(ours, session, answer);
  }
  await ours.close();
  await trivial.close();
  await repository.remove();
  return { ours: median(ourMs.slice(warmUp)), trivial: median(trivialMs.slice(warmUp)) };
}

interface Timed {
  readonly ms: number;
  readonly answer: Readonly<Record<string, unknown>>;
}

async function timed(
  { client }: Served,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Timed> {
  const start = performance.now();
  const { structuredContent, isError } = await client.callTool({ name, arguments: { ...args } });
  const ms = performance.now() - start;
  if (isError === true || structuredContent === undefined) {
    throw new Error(`${name} failed: ${JSON.stringify(structuredContent)}`);
  }
  return { ms, answer: { ...structuredContent } };
}

/** Hands the task in, so that the next call of this session gets another. */
async function finish(
  served: Served,
  session: string,
  { task, fence }: Timed["answer"],
): Promise<void> {
  if (typeof task !== "object" || task === null || !("id" in task)) {
    throw new Error("next_task gave no task.");
  }
  const outcome = { outcome: "submitted", summary: "done" };
  await timed(served, "finish_task", { session, task: task.id, fence, ...outcome });
}

await main();

import { readFileSync } from "node:fs";
import { createCoordinatedRepository } from "../test/support/coordinated-repository.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { serveSkein, serveTrivial } from "./support/servers.ts";
import type { Served } from "./support/servers.ts";
import { median, rounded } from "./support/statistics.ts";

const pairs = isQuick ? 1 : 3;
const restMs = 1_500;

/** The memory of servers that have answered their first calls and wait for the next. */
async function main(): Promise<void> {
  const repository = await createCoordinatedRepository();
  const [ours, trivial]: [Memory[], Memory[]] = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    const one = await serveSkein(repository.root);
    const other = await serveTrivial(repository.root);
    await one.client.listTools();
    await other.client.listTools();
    await one.client.callTool({ name: "look", arguments: { at: "board" } });
    await other.client.callTool({ name: "note", arguments: { text: "a note" } });
    await new Promise((resolve) => {
      setTimeout(resolve, restMs);
    });
    ours.push(memoryOf(one));
    trivial.push(memoryOf(other));
    await one.close();
    await other.close();
  }
  await repository.remove();
  const pss = [median(ours.map((each) => each.pss)), median(trivial.map((each) => each.pss))];
  const rss = [median(ours.map((each) => each.rss)), median(trivial.map((each) => each.rss))];
  report([
    {
      name: "memory of an idle skein mcp over a trivial server (PSS)",
      value: ratio(pss),
      unit: "x",
      target: atMost(1.5),
    },
    { name: "the same by RSS", value: ratio(rss), unit: "x", target: atMost(1.5) },
    { name: "RSS of an idle skein mcp", value: rounded(rss[0] ?? 0), unit: "MB", target: null },
    { name: "RSS of a trivial server", value: rounded(rss[1] ?? 0), unit: "MB", target: null },
  ]);
}

interface Memory {
  /** Megabytes, shared pages counted by their share, and in full. */
  readonly pss: number;
  readonly rss: number;
}

/** Linux only: elsewhere there is no such file, and the bench fails. */
function memoryOf({ pid }: Served): Memory {
  const text = readFileSync(`/proc/${String(pid)}/smaps_rollup`, "utf8");
  const read = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "mu").exec(text)?.[1] ?? Number.NaN) / 1_024;
  return { pss: read("Pss"), rss: read("Rss") };
}

function ratio([one = Number.NaN, other = Number.NaN]: readonly number[]): number {
  return rounded(one / other);
}

await main();

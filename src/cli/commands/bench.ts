import { cpus, totalmem } from "node:os";
import { runBench } from "../bench/index.ts";
import type { Answer, Call } from "../command.ts";
import { tableLines } from "../output.ts";

const megabyte = 1_048_576;

/** `skein bench`: rates of one process on this machine; the repository's own `npm run bench` measures much more. */
export async function bench({ options, io, globals }: Call): Promise<Answer> {
  const seconds = options.number("seconds") ?? 1;
  if (!globals.json) {
    io.warn(`Measuring for about ${String(seconds * 6)} seconds …`);
  }
  const { rates, rssBytes, engine } = await runBench({ seconds, env: io.env });
  const [cpu] = cpus();
  const machine = {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memory_mb: Math.round(totalmem() / megabyte),
    node: process.version,
    sqlite: engine,
    platform: `${process.platform}-${process.arch}`,
  };
  return {
    data: {
      machine,
      rates: rates.map(({ what, count, perSecond, p50, p99, worst }) => ({
        what,
        count,
        per_second: perSecond,
        p50_ms: p50,
        p99_ms: p99,
        worst_ms: worst,
      })),
      rss_mb: Math.round(rssBytes / megabyte),
    },
    lines: [
      `${machine.cpu}, ${String(machine.cores)} cores, Node ${machine.node}, ${engine}`,
      "",
      ...tableLines(
        ["WHAT", "PER SECOND", "P50 MS", "P99 MS", "WORST MS"],
        rates.map(({ what, ...rate }) => [
          what,
          ...[rate.perSecond, rate.p50, rate.p99, rate.worst].map(String),
        ]),
      ),
      "",
      `Memory of this process: ${String(Math.round(rssBytes / megabyte))} MB`,
    ],
  };
}

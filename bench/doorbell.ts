import { fork } from "node:child_process";
import { join } from "node:path";
import { atMost, isQuick, report } from "./support/figure.ts";
import { inFolder, openStand } from "./support/stand.ts";
import { quantile, rounded } from "./support/statistics.ts";

const events = isQuick ? 100 : 300;
const pauseMs = 20;

/** From the answer of a write in one process to the event in the hands of a watcher in another. */
async function main(): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "skein.db");
    const stand = await openStand({ file, synchronous: "full" });
    const watcher = fork(join(import.meta.dirname, "support", "watcher.ts"), [file]);
    const seenMs = new Map<number, number>();
    const ended = new Promise((resolve) => watcher.once("exit", resolve));
    const ready = new Promise<void>((resolve) => {
      watcher.on("message", (message: SeenMessage) => {
        if (message.seq === null) {
          resolve();
        } else {
          seenMs.set(message.seq, message.atMs);
        }
      });
    });
    await ready;
    const committedMs = await writeEvents(stand);
    await pause(500);
    watcher.disconnect();
    await ended;
    await stand.close();
    const took = [...committedMs].map(
      ([seq, atMs]) => (seenMs.get(seq) ?? Number.POSITIVE_INFINITY) - atMs,
    );
    report([
      {
        name: "event seen by another process, p95",
        value: rounded(Math.max(0, quantile(took, 0.95))),
        unit: "ms",
        target: atMost(5),
      },
      { name: "the same, median", value: rounded(quantile(took, 0.5)), unit: "ms", target: null },
    ]);
  });
}

/** What the watcher says: that it is ready, or which event it has read and when. */
interface SeenMessage {
  readonly seq: number | null;
  /** Milliseconds of the monotonic clock that all processes share. */
  readonly atMs: number;
}

async function writeEvents(
  stand: Awaited<ReturnType<typeof openStand>>,
): Promise<ReadonlyMap<number, number>> {
  const committedMs = new Map<number, number>();
  for (let at = 0; at < events; at += 1) {
    const seq = await stand.store.write((tx) =>
      stand.events.append(tx, {
        kind: "message.sent",
        actor: "system",
        cause: null,
        data: {},
        changes: [],
      }),
    );
    committedMs.set(seq, Number(process.hrtime.bigint()) / 1_000_000);
    await pause(pauseMs);
  }
  return committedMs;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

await main();

import { join } from "node:path";
import { atLeast, atMost, isQuick, report } from "./support/figure.ts";
import { inFolder, openStand } from "./support/stand.ts";
import { median, quantile, rounded } from "./support/statistics.ts";

const batch = 200;
const batches = isQuick ? 40 : 200;

/** Messages written in batches of one transaction each, flushed to the disk. */
async function main(): Promise<void> {
  await inFolder(async (folder) => {
    const stand = await openStand({ file: join(folder, "skein.db"), synchronous: "full" });
    const requests = Array.from({ length: batch }, (_, at) => ({
      from: null,
      fromName: "bench",
      actor: "system" as const,
      to: { kind: "all" as const },
      text: `Message ${String(at)} of the bench, about as long as a sentence.`,
      thread: null,
      expiresInMs: null,
      cause: null,
    }));
    const took: number[] = [];
    for (let at = 0; at < batches; at += 1) {
      const start = performance.now();
      await stand.store.write((tx) => stand.messages.sendBatch(tx, requests));
      took.push(performance.now() - start);
    }
    await stand.close();
    const totalMs = took.reduce((sum, ms) => sum + ms, 0);
    report([
      {
        name: "messages written in batches of 200",
        value: Math.round((batch * batches * 1_000) / totalMs),
        unit: "/s",
        target: atLeast(5_000),
      },
      { name: "one batch", value: rounded(median(took)), unit: "ms", target: null },
      {
        name: "one batch, p99",
        value: rounded(quantile(took, 0.99)),
        unit: "ms",
        target: atMost(20),
      },
    ]);
  });
}

await main();

import { join } from "node:path";
import { atLeast, isQuick, report } from "./support/figure.ts";
import { inFolder, openStand } from "./support/stand.ts";
import { median, rounded } from "./support/statistics.ts";

const batch = 200;
const batches = isQuick ? 20 : 60;

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
    ]);
  });
}

await main();

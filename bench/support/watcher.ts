import { openStand } from "./stand.ts";

/** Another process that watches the log: reads it at each ring and reports what it saw, and when. */
async function watch(file: string): Promise<void> {
  const stand = await openStand({ file, synchronous: "full" });
  let lastSeq = 0;
  const readNew = async (): Promise<void> => {
    const found = await stand.store.read((reader) => stand.events.after(reader, lastSeq, 100));
    const atMs = Number(process.hrtime.bigint()) / 1_000_000;
    for (const { seq } of found.filter((event) => event.seq > lastSeq)) {
      lastSeq = seq;
      process.send?.({ seq, atMs });
    }
  };
  let reading = Promise.resolve();
  const read = async (): Promise<void> => {
    reading = reading.then(readNew);
    await reading;
  };
  const stop = stand.events.watch(() => void read());
  process.once("disconnect", () => {
    stop();
    void stand.close();
  });
  await read();
  process.send?.({ seq: null, atMs: 0 });
}

await watch(process.argv[2] ?? "");

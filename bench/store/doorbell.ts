import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createFileDoorbell } from "../../src/adapters/bus/file-doorbell.ts";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { makeTemporaryDirectory } from "./places.ts";
import { rowsMigration } from "./rows.ts";

/** How long after its commit another process has an event in its hand, in milliseconds. */
export interface DoorbellResult {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly worstMs: number;
}

/** Lets one process write and ring, and this one hear and read. */
export async function measureDoorbell(rounds: number): Promise<DoorbellResult> {
  const directory = makeTemporaryDirectory();
  const file = join(directory, "skein.db");
  const store = await openSqliteStore({
    file,
    project: "bench",
    migrations: [rowsMigration],
    time: createTimeSource(),
    random: systemRandom,
  });
  const readSeq = async (): Promise<number> =>
    store.read(async (reader) => {
      const row = await reader.get<{ seq: number }>("SELECT seq FROM heads WHERE project = ?", [
        reader.project,
      ]);
      return row?.seq ?? 0;
    });
  const doorbell = createFileDoorbell({ file: `${file}-bell`, mark: readSeq });
  const child = fork(join(import.meta.dirname, "ringer.ts"), [file]);
  await new Promise((resolve) => child.once("message", resolve));
  const tookMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const committed = new Promise<number>((resolve) => child.once("message", resolve));
    const read = new Promise<number>((resolve) => {
      const look = async (): Promise<void> => {
        if ((await readSeq()) === round) {
          stop();
          resolve(Number(process.hrtime.bigint()));
        }
      };
      const stop = doorbell.watch(() => {
        void look();
      });
    });
    child.send("ring");
    tookMs.push(((await read) - (await committed)) / 1_000_000);
  }
  child.disconnect();
  doorbell.close();
  await store.close();
  rmSync(directory, { recursive: true });
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
}

if (import.meta.main) {
  console.log(await measureDoorbell(300));
}

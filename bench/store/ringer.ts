import { createFileDoorbell } from "../../src/adapters/bus/file-doorbell.ts";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { claimRow, rowsMigration } from "./rows.ts";

/** Run as a process of its own: writes a row and rings, at each message of its parent; tells when it began. */
const [, , file = ""] = process.argv;
const store = await openSqliteStore({
  file,
  project: "bench",
  migrations: [rowsMigration],
  time: createTimeSource(),
  random: systemRandom,
});
const doorbell = createFileDoorbell({ file: `${file}-bell`, mark: async () => 0 });

async function ring(): Promise<void> {
  await store.write(async (tx) => {
    await claimRow(tx, 1);
    tx.afterCommit(doorbell, () => {
      process.send?.(Number(process.hrtime.bigint()));
      doorbell.ring();
    });
  });
}

process.on("message", () => {
  void ring();
});
process.on("disconnect", () => {
  doorbell.close();
  void store.close();
});
process.send?.("ready");

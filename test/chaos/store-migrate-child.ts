import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { manySteps } from "./store-steps.ts";

/** Run as a process of its own: migrates the store named by its argument. */
const [, , file = ""] = process.argv;
process.send?.("opening");
const store = await openSqliteStore({
  file,
  project: "demo",
  migrations: manySteps,
  time: createTimeSource(),
  random: systemRandom,
});
await store.close();
process.disconnect();

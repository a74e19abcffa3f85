import { openRawStore } from "./raw-places.ts";
import { manySteps } from "./store-steps.ts";

/** Run as a process of its own: migrates the store named by its argument. */
const [, , where = ""] = process.argv;
process.send?.("opening");
const store = await openRawStore(where, manySteps);
await store.close();
process.disconnect();

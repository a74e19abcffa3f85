import { createFileDoorbell } from "../../../src/adapters/bus/file-doorbell.ts";

/** Run as a process of its own: rings the bell named by its argument whenever its parent says so. */
const [, , file = ""] = process.argv;
const bell = createFileDoorbell({ file, mark: async () => 0 });
process.on("message", () => {
  bell.ring();
});
process.on("disconnect", () => {
  bell.close();
});
process.send?.("ready");

import { processIo } from "./io.ts";
import { runCli } from "./run.ts";

// Node marks its own SQLite as new with a line on standard error, where people would take it for a fault.
process.removeAllListeners("warning");

process.exitCode = await runCli(process.argv.slice(2), processIo());

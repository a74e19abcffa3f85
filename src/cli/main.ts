import { processIo } from "./io.ts";
import { runCli } from "./run.ts";

async function main(): Promise<void> {
  // Node marks its own SQLite as new with a line on standard error, where people would take it for a fault.
  process.removeAllListeners("warning");
  process.exitCode = await runCli(process.argv.slice(2), processIo());
}

// No await at the top: the bundle is CommonJS, which starts sooner.
void main();

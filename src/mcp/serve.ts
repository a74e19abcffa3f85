import { runMcpServer } from "./main.ts";
import { openStandardInput } from "./stdio/standard-input.ts";

/** `skein mcp` as a program of its own, without the command line around it: an agent waits for its start, and keeps it in memory. */
async function main(): Promise<void> {
  // Node marks its own SQLite as new with a line on standard error, where people would take it for a fault.
  process.removeAllListeners("warning");
  await runMcpServer({
    cwd: process.cwd(),
    env: process.env,
    streams: { input: openStandardInput(), output: process.stdout, log: process.stderr },
    signals: process,
  });
}

// No await at the top: the bundle is CommonJS, which starts sooner.
void main();

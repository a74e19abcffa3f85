import { handlers } from "../handlers.ts";
import { runAction } from "./run.ts";

/** How long a cancelled step may take to close what is open, in milliseconds; the runner kills after 10 seconds. */
const graceMs = 6_000;

async function main(): Promise<void> {
  // Node marks its own SQLite as new with a line on standard error, where people would take it for a fault.
  process.removeAllListeners("warning");
  for (const [name, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(name, () => {
      setTimeout(() => process.exit(code), graceMs).unref();
    });
  }
  // Whoever waits for what never comes has not succeeded.
  process.exitCode = 1;
  process.exitCode = await runAction({ env: process.env, signals: process, handlers });
}

void main();

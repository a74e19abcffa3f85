import { runHookProcess } from "./hook-process.ts";

// No await at the top: the bundle is CommonJS, which starts sooner.
async function main(): Promise<void> {
  process.exitCode = await runHookProcess(process.argv.slice(3));
}

void main();

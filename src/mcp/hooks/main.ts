import { createHookProcess } from "./hook-process.ts";

const hook = createHookProcess();

/** Which ways this run took, for whoever keeps compiled code: see `bin/kept-code.js`. */
export const kinds = (): number => hook.kinds();

// No await at the top: the bundle is CommonJS, which starts sooner.
async function main(): Promise<void> {
  process.exitCode = await hook.run(process.argv.slice(3));
}

void main();

import { catalog, groups } from "./catalog.ts";
import { exitCodes, interruptedCode } from "./exit.ts";
import type { Run } from "./command.ts";
import { withoutColors } from "./io.ts";
import type { CliIo } from "./io.ts";
import { printAnswer, printError, toSkeinError } from "./output.ts";
import { globalFlagsOf, parseCall } from "./program.ts";
import type { Chosen } from "./program.ts";
import { withStoreFlags } from "./store-flags.ts";
import { readVersion } from "./version.ts";

/** Runs one call of `skein` from its words to its exit code; whatever fails is printed. */
export async function runCli(argv: readonly string[], world: CliIo): Promise<number> {
  const globals = globalFlagsOf(argv, world);
  const around = globals.color ? world : withoutColors(world);
  let io = around;
  try {
    // Inside a server the project is open: nobody elsewhere chooses where the server goes.
    io = around.within === undefined ? withStoreFlags(argv, around) : around;
    const version = readVersion();
    const chosen = parseCall(argv, { specs: catalog, groups, version, io, globals });
    if (chosen === null) {
      return 0;
    }
    const run = (await remoteRunOf(chosen)) ?? (await chosen.spec.load());
    const answer = await run(chosen.call);
    if (typeof answer === "number") {
      return answer;
    }
    printAnswer(answer, globals, io);
    return answer.exitCode ?? 0;
  } catch (error) {
    if (io.signal.aborted) {
      return interruptedCode;
    }
    printError(error, globals, io);
    return exitCodes[toSkeinError(error).kind];
  }
}

/** What a server has to be asked for is loaded only then; a command inside a server asks no other. */
async function remoteRunOf(chosen: Chosen): Promise<Run | null> {
  if (chosen.call.io.within !== undefined) {
    return null;
  }
  const { remoteRun } = await import("./remote/run-remotely.ts");
  return remoteRun(chosen);
}

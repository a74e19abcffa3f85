import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import { hasStore, openProject } from "../../compose.ts";
import { quickestDriver } from "../../core/store/index.ts";
import { exitCodes } from "../exit.ts";
import { printError, toSkeinError } from "../output.ts";
import { plainText } from "../visible.ts";
import { runGuard } from "./guard.ts";

/** The guard as a program of its own: git starts it twice a commit, and the other commands are not loaded. */
async function main(): Promise<void> {
  // Node marks its own SQLite as new with a line on standard error, where people would take it for a fault.
  process.removeAllListeners("warning");
  const cwd = process.cwd();
  const { env } = process;
  try {
    process.exitCode = await runGuard(process.argv.slice(3), {
      cwd,
      env,
      isTerminal: isatty(2),
      readInput: () => readFileSync(0, "utf8"),
      warn,
      hasStore,
      open: () => openProject({ cwd, env, openDriver: quickestDriver() }),
    });
  } catch (error) {
    const words = new Set(process.argv);
    const globals = { json: words.has("--json"), debug: words.has("--debug"), color: false };
    printError(error, globals, { warn });
    process.exitCode = exitCodes[toSkeinError(error).kind];
  }
}

function warn(line: string): void {
  process.stderr.write(`${plainText(line)}\n`);
}

// No await at the top: the bundle is CommonJS, which starts sooner.
void main();

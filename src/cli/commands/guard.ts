import { readFileSync } from "node:fs";
import { hasStore, openProject } from "../../compose.ts";
import type { Call } from "../command.ts";
import { runGuard } from "../guard/guard.ts";

/** `skein guard HOOK ...`, as git's hooks call it. */
export async function guard({ io, args }: Call): Promise<number> {
  return runGuard(args, {
    cwd: io.cwd,
    env: io.env,
    isTerminal: process.stderr.isTTY,
    readInput: () => readFileSync(0, "utf8"),
    warn: (line) => {
      io.warn(line);
    },
    hasStore,
    open: () => openProject({ cwd: io.cwd, env: io.env }),
  });
}

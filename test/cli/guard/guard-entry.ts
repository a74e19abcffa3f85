/** `skein guard ...` without the command line around it, for git hooks in tests. */
import { readFileSync } from "node:fs";
import { runGuard } from "../../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../../src/compose.ts";

process.exitCode = await runGuard(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  isTerminal: false,
  readInput: () => readFileSync(0, "utf8"),
  warn: (line) => process.stderr.write(`${line}\n`),
  hasStore,
  open: () => openProject({ cwd: process.cwd(), env: process.env }),
});

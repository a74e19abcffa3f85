// Runs one of Skein's hooks for the plugin: `node run.mjs EVENT`. It ends at once, and silently, where nobody set Skein up. The hook
// itself comes from the nearest installation, since a plugin is copied without its dependencies.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The git directory that all worktrees around a folder share, or null. */
function commonDir(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    const dotGit = join(folder, ".git");
    if (existsSync(dotGit)) {
      const gitDir = statSync(dotGit).isDirectory() ? dotGit : linkedGitDir(folder, dotGit);
      const pointer = join(gitDir, "commondir");
      return existsSync(pointer) ? resolve(gitDir, readFileSync(pointer, "utf8").trim()) : gitDir;
    }
    if (dirname(folder) === folder) {
      return null;
    }
  }
}

function linkedGitDir(folder, file) {
  const target = /^gitdir: (.+?)\s*$/mu.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  return resolve(folder, target);
}

/** The nearest installed `bin/skein.js`: this plugin's own when it is built, the repository's, then the one on the PATH. */
function findProgram(start) {
  const own = fileURLToPath(new URL("..", import.meta.url));
  if (existsSync(join(own, "dist/hook.cjs"))) {
    return join(own, "bin/skein.js");
  }
  for (let folder = start; ; folder = dirname(folder)) {
    const program = join(folder, "node_modules/skein/bin/skein.js");
    if (existsSync(program)) {
      return program;
    }
    if (dirname(folder) === folder) {
      return onPath();
    }
  }
}

function onPath() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const program = join(folder, "skein");
    const target = existsSync(program) ? realpathSync(program) : "";
    if (target.endsWith("skein.js")) {
      return target;
    }
  }
  return null;
}

/** Without an installation npx fetches one: slow, and the hook says so when it fails. */
function fetchAndRun(words) {
  const { status } = spawnSync("npx", ["-y", "skein", ...words], { stdio: "inherit" });
  if (status === null) {
    process.stderr.write("skein: the hook could not start, so nothing was checked.\n");
  }
  process.exitCode = status ?? 0;
}

const common = commonDir(process.cwd());
if (common !== null && existsSync(join(common, "skein", "skein.db"))) {
  const program = findProgram(process.cwd());
  const words = ["hook", "plugin", ...process.argv.slice(2)];
  if (program === null) {
    fetchAndRun(words);
  } else {
    process.argv = [process.execPath, program, ...words];
    createRequire(program)(program);
  }
}

// Runs the command on a Node that is new enough: the built files where they are, else the sources, whose types Node strips.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { enablePrivateCompileCache } = require("./compile-cache.js");

const root = join(__dirname, "..");

/** Each is one file: an editor waits for each run of a hook, git for each of its guard, an agent for its server. */
const programs = {
  hook: { built: "hook.cjs", source: "mcp/hooks/main.ts" },
  guard: { built: "guard.cjs", source: "cli/guard/main.ts" },
  mcp: { built: "mcp.cjs", source: "mcp/serve.ts" },
  rest: { built: "cli.cjs", source: "cli/main.ts" },
};

/** What git itself calls; anything else that is asked of the guard, as its help, is for the command line. */
const gitHooks = new Set(["pre-commit", "commit-msg", "pre-push"]);

/** Which program answers. */
function programOf([verb, word]) {
  if (verb === "guard") {
    return gitHooks.has(word) ? programs.guard : programs.rest;
  }
  if (verb === "mcp") {
    return word === undefined ? programs.mcp : programs.rest;
  }
  return verb === "hook" ? programs.hook : programs.rest;
}

/** Which file answers. */
function entry() {
  const { built, source } = programOf(process.argv.slice(2));
  const file = join(root, "dist", built);
  return existsSync(file) ? file : join(root, "src", source);
}

function fail(error) {
  process.stderr.write(
    `skein could not start: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}

enablePrivateCompileCache();
const file = entry();
if (file.endsWith(".cjs")) {
  // Node's loader of ES modules takes longer: longer than a whole hook.
  try {
    require(file);
  } catch (error) {
    fail(error);
  }
} else {
  import(pathToFileURL(file).href).catch(fail);
}

// Runs the command on a Node that is new enough: the built files where they are, else the sources, whose types Node strips.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");

/** Each is one file: an editor waits for each run of a hook, git for each of its guard, an agent for its server. `isBrief`: it runs a moment only. */
const programs = {
  hook: { built: "hook.cjs", source: "mcp/hooks/main.ts", isBrief: true },
  guard: { built: "guard.cjs", source: "cli/guard/main.ts", isBrief: true },
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
  const asksForHelp = word === "--help" || word === "-h";
  return verb === "hook" && !asksForHelp ? programs.hook : programs.rest;
}

function fail(error) {
  process.stderr.write(`skein could not start: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}

/** A clone whose packages were not installed, or not again after a `git pull`, is told what to do; anything else is a bug, with its trace. */
function reasonOf(error) {
  const missing = /Cannot find (?:package|module) '([\w@][^':\\]*)'/.exec(String(error));
  if (missing !== null) {
    return `the package ${missing[1]} is not installed. Run \`npm ci\` in ${root}.`;
  }
  return error instanceof Error ? error.stack : String(error);
}

/** Loads a module, and lets Node keep its compiled code. */
function loadModule(file) {
  require("./compile-cache.js").enablePrivateCompileCache();
  return import(require("node:url").pathToFileURL(file).href);
}

/** The word that says what a brief program does, where it is one of its own: each way has its own code. */
function wordOf(verb, words) {
  const word = words[verb === "hook" ? 1 : 0] ?? "";
  return /^[a-z-]{1,20}$/.test(word) ? word : "any";
}

function start([verb, ...words]) {
  const { built, source, isBrief } = programOf([verb, ...words]);
  const file = join(root, "dist", built);
  if (!existsSync(file)) {
    loadModule(join(root, "src", source)).catch(fail);
  } else if (isBrief) {
    const name = `${verb}-${wordOf(verb, words)}`;
    require("./kept-code.js").runKept(file, { name, loadLate: loadModule });
  } else {
    // Node's loader of ES modules takes longer: longer than a whole hook.
    require("./compile-cache.js").enablePrivateCompileCache();
    require(file);
  }
}

try {
  start(process.argv.slice(2));
} catch (error) {
  fail(error);
}

/** `npm run action:nodes`: fetches the first Node of the line that runs the Action, and tries the bundle on it and on the newest. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstBinary, firstFolder, firstVersion } from "./first-node.ts";
import { run, runQuietly } from "./run.ts";

/** From the registry, as a package that brings the program. */
function fetchNode(): void {
  const manifest = { name: "nodes", private: true, allowScripts: { node: true } };
  mkdirSync(firstFolder, { recursive: true });
  writeFileSync(join(firstFolder, "package.json"), JSON.stringify(manifest));
  const install = ["install", "--no-audit", "--no-fund", `node@${firstVersion}`];
  runQuietly("npm", install, { cwd: firstFolder });
}

if (!existsSync(firstBinary)) {
  fetchNode();
}
const told = runQuietly(firstBinary, ["--version"]).trim();
console.log(`Trying the Action on ${told} and ${process.version}.`);
process.exitCode = run("vitest", ["run", "--project", "e2e", "test/e2e/action.test.ts"]);

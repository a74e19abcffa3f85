// Runs after an install in a clone. Plain JavaScript, because the Node that runs it may be too old to strip types: where
// the development tools were left out, it leaves the package as it is.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const hasTools = existsSync(new URL("../node_modules/typescript/package.json", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const stripsTypes = major > 22 || (major === 22 && minor >= 18);

if (!hasTools) {
  process.stderr.write("skein: built nothing, since the development tools are not installed.\n");
} else if (stripsTypes) {
  // A fault in the sources is for `npm run check` to refuse; whoever installs is not stopped by it.
  const build = fileURLToPath(new URL("build.ts", import.meta.url));
  spawnSync(process.execPath, [build, "--without-action"], { stdio: "inherit" });
} else {
  process.stderr.write(
    `skein: built nothing, since this is Node ${process.version}; the sources run as they are.\n`,
  );
}

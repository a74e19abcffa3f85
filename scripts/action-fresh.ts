/** `npm run action:fresh`: what is committed in `dist/action/` is what the sources give, twice the same, and all that a runner needs. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actionFolder, buildAction } from "./action-bundle.ts";
import { filesBelow, root, runQuietly } from "./run.ts";

const maxBytes = 4_000_000;

/** What is told of each fault ends with what to do. */
function faultsOf(bytes: number, again: string): readonly string[] {
  const names = filesBelow(actionFolder);
  const changed = runQuietly("git", ["status", "--porcelain", "--", "dist/action"]).trim();
  const differing = names.filter((name) => !isSame(join(actionFolder, name), join(again, name)));
  return [
    ...(changed === ""
      ? []
      : [`dist/action is not what was committed; commit it anew:\n${changed}`]),
    ...differing.map((name) => `dist/action/${name} is another after a second build`),
    ...names
      .filter((name) => textOf(name).includes(root))
      .map((name) => `dist/action/${name} names a folder of this machine`),
    ...names.filter((name) => /\.(?:node|wasm)$/.test(name)).map((name) => `${name} is native`),
    ...(bytes <= maxBytes
      ? []
      : [`dist/action has ${String(bytes)} bytes, more than ${String(maxBytes)}`]),
  ];
}

function textOf(name: string): string {
  return readFileSync(join(actionFolder, name), "utf8");
}

function isSame(one: string, other: string): boolean {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}

const again = mkdtempSync(join(tmpdir(), "skein-action-"));
try {
  const bytes = await buildAction();
  await buildAction({ folder: again });
  const faults = faultsOf(bytes, again);
  const size = `${(bytes / 1e6).toFixed(2)} MB`;
  console.log(faults.length === 0 ? `dist/action is fresh (${size}).` : faults.join("\n"));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(again, { recursive: true });
}

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decideLaunch } from "../init/launch.ts";
import type { Launch } from "../init/launch.ts";
import { namedPrograms } from "./commands.ts";

const ownBin = fileURLToPath(new URL("../../../bin/skein.js", import.meta.url));

/** The ways in which this installation would have written the files. */
export function launchesOf(root: string): readonly [Launch, ...(readonly Launch[])] {
  const node = process.execPath;
  return [
    decideLaunch({ root, node, bin: ownBin, isPortable: false }),
    decideLaunch({ root, node, bin: ownBin, isPortable: true }),
    { kind: "npx" },
    { kind: "project" },
  ];
}

/** The Node and the Skein that a script names by their paths, as another installation of Skein would have written it. */
export function launchIn(text: string): Launch | null {
  const named = namedPrograms(text);
  const bin = named.find((path) => path.endsWith("skein.js"));
  const node = named.find((path) => path !== bin);
  return bin === undefined || node === undefined ? null : { kind: "absolute", node, bin };
}

/** True for a command that starts this very installation: one that a repository brings along is not run to see what it does. */
export function isThisInstallation(launch: Launch, root: string): boolean {
  switch (launch.kind) {
    case "absolute":
      return launch.bin === ownBin && launch.node === process.execPath;
    case "project": {
      const bin = join(root, "node_modules/skein/bin/skein.js");
      return existsSync(bin) && realpathSync(bin) === realpathSync(ownBin);
    }
    case "npx":
      return false;
    default:
      return launch satisfies never;
  }
}

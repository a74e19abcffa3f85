/** `npm run schema`, third part: writes the manual pages, and takes away those of commands that are gone. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { manFolder, manPages } from "./man-pages.ts";
import { root } from "./run.ts";

const folder = join(root, manFolder);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, text] of manPages()) {
  writeFileSync(join(folder, name), text);
}

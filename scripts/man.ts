/**
 * `npm run schema`, third part: writes the manual pages and names them in `package.json`, since npm sets up those that stand there; takes
 * away those of commands that are gone.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { manFolder, manPages } from "./man-pages.ts";
import { root } from "./run.ts";

const folder = join(root, manFolder);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const pages = manPages();
for (const [name, text] of pages) {
  writeFileSync(join(folder, name), text);
}

const file = join(root, "package.json");
const manifest: object = JSON.parse(readFileSync(file, "utf8"));
const man = [...pages.keys()].map((name) => `./${manFolder}/${name}`);
writeFileSync(file, `${JSON.stringify({ ...manifest, man }, null, 2)}\n`);

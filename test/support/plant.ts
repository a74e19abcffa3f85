/** `node --import ./test/support/plant.ts`: loads the sources with the bug that `SKEIN_PLANT` names. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { plants } from "./plants.ts";

const plant = plants.find(({ name }) => name === process.env["SKEIN_PLANT"]);
if (plant !== undefined) {
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/src/core/${plant.file}`)) {
        return loaded;
      }
      const source = readFileSync(fileURLToPath(url), "utf8");
      if (source.split(plant.text).length !== 2) {
        console.error(`${plant.file} does not have the text of "${plant.name}" once.`);
        process.exit(3);
      }
      return { ...loaded, source: source.replace(plant.text, () => plant.bug) };
    },
  });
}

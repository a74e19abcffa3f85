import type { UpkeepDeps } from "./deps.ts";
import { checkInvariants } from "./invariants.ts";
import { maintain } from "./maintaining.ts";
import { parseExport } from "./parsing.ts";
import { restore } from "./restoring.ts";
import { readExport } from "./snapshot.ts";
import { readStateFacts } from "./state-facts.ts";
import { readTableImages } from "./table-images.ts";
import type { Upkeep } from "./upkeep.ts";

/** Makes upkeep over one project's store. */
export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { store } = deps;
  const images = readTableImages(deps.migrations);
  return {
    export: () => store.read((reader) => readExport(deps, reader, images)),
    import: async (text) => {
      const parsed = parseExport(text, images);
      return { rows: await store.write((tx) => restore(deps, tx, parsed)) };
    },
    verify: async () => {
      const facts = await store.read((reader) => readStateFacts(deps, reader));
      const violations = checkInvariants(facts);
      return { isClean: violations.length === 0, events: facts.events.length, violations };
    },
    maintain: (options) => maintain(deps, options),
  };
}

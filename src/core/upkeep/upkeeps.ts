import { SkeinError } from "../base/errors.ts";
import { eventErrors } from "../events/index.ts";
import { recountAfter } from "../store/index.ts";
import type { Reader } from "../store/index.ts";
import type { UpkeepDeps } from "./deps.ts";
import { checkInvariants, checkLog } from "./invariants.ts";
import { maintain } from "./maintaining.ts";
import { parseExport } from "./parsing.ts";
import { restore } from "./restoring.ts";
import { readExport } from "./snapshot.ts";
import { readStateFacts } from "./state-facts.ts";
import { readTableImages } from "./table-images.ts";
import type { Upkeep, Verification } from "./upkeep.ts";

/** Makes upkeep over one project's store. */
export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { store } = deps;
  const images = readTableImages(deps.migrations);
  return {
    export: () => store.read((reader) => readExport(deps, reader, images)),
    import: async (text) => {
      const parsed = parseExport(text, images);
      const rows = await store.write((tx) => restore(deps, tx, parsed));
      await recountAfter(
        store,
        rows,
        images.map(({ name }) => name),
      );
      return { rows };
    },
    verify: () => store.read((reader) => verify(deps, reader)),
    maintain: (options) => maintain(deps, options),
  };
}

/** Where an event was changed so that it cannot be read, what the log says is not compared with the state: only the log's own faults are told. */
async function verify(deps: UpkeepDeps, reader: Reader): Promise<Verification> {
  const log = await deps.events.check(reader);
  try {
    const facts = await readStateFacts(deps, reader);
    const violations = checkInvariants(facts);
    return { isClean: violations.length === 0, events: facts.events.length, violations };
  } catch (error) {
    const isTold = error instanceof SkeinError && error.code === eventErrors.unreadable.code;
    if (!isTold || log.faults.length === 0) {
      throw error;
    }
    return { isClean: false, events: log.events, violations: checkLog({ log }) };
  }
}

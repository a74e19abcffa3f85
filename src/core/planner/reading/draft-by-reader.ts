import { noCost } from "../asking/asking-cost.ts";
import { checkDraft } from "../checks/check-draft.ts";
import type { Rule } from "../checks/fault.ts";
import type { PlanSource } from "../draft.ts";
import { needSafe } from "../drafted.ts";
import type { Drafted, DraftingDeps } from "../drafted.ts";
import { mend, takeAtItsWord } from "../mending/settle.ts";
import { readTasks } from "./read-tasks.ts";

/** What a person may do, and a model may not: their list is taken at its word. */
const personal: ReadonlySet<Rule> = new Set(["scope", "filler", "duplicate", "size"]);

/**
 * Makes a plan of the list that a text has itself; null when it has none.
 *
 * @throws {SkeinError} SKN-14xx with the line when the list is broken, SKN-15xx when a path is none, SKN-0841 when it is not safe.
 */
export function draftByReader(
  { tree, search }: DraftingDeps,
  source: PlanSource,
  id: string,
): Drafted | null {
  const read = readTasks(source, id);
  if (read === null) {
    return null;
  }
  const taken = takeAtItsWord(read, tree);
  const mended = mend(taken.plan, search);
  needSafe(
    checkDraft(mended.plan, { tree, overlaps: search }).filter(({ rule }) => !personal.has(rule)),
  );
  return {
    plan: mended.plan,
    origin: "reader",
    notes: [...taken.notes, ...mended.notes],
    repairs: 0,
    planners: 0,
    cost: noCost,
  };
}

import { SkeinError } from "../../base/errors.ts";
import type { PlanSource } from "../draft.ts";
import { readTasks } from "./read-tasks.ts";

/** True for a text that lists its tasks itself, so that no model is asked for its plan; also where that list is broken. */
export function hasOwnList(source: PlanSource): boolean {
  try {
    return readTasks(source, "plan") !== null;
  } catch (error) {
    if (error instanceof SkeinError) {
      return true;
    }
    throw error;
  }
}

import { SkeinError } from "../base/errors.ts";
import type { Store } from "../store/index.ts";
import { planErrors } from "./errors.ts";
import type { Plan } from "./plan.ts";
import type { Plans } from "./plans.ts";
import type { By, PlanEdit } from "./requests.ts";

/** An edit that is worked out again from the plan as it then is, when somebody else was faster. */
export interface ReloadingEdit extends By {
  readonly plan: string;
  /** Works out the change; called once an attempt. */
  readonly edit: (plan: Plan) => PlanEdit;
}

const attempts = 3;

/**
 * Reads a plan, works out an edit and writes it, each in its own transaction; after a version conflict all of it again, 3 times in all.
 *
 * @throws {SkeinError} SKN-4402 when somebody else was faster each time.
 */
export async function editWithReload(
  store: Store,
  plans: Pick<Plans, "getPlan" | "editPlan">,
  request: ReloadingEdit,
): Promise<Plan> {
  for (let attempt = 1; ; attempt += 1) {
    const plan = await store.read((reader) => plans.getPlan(reader, request.plan));
    const change = { ...request, version: plan.version, edit: request.edit(plan) };
    try {
      return await store.write((tx) => plans.editPlan(tx, change));
    } catch (error) {
      const isConflict =
        error instanceof SkeinError && error.code === planErrors.versionConflict.code;
      if (!isConflict || attempt === attempts) {
        throw error;
      }
    }
  }
}

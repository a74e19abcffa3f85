import { SkeinError } from "../core/base/errors.ts";
import type { Skein } from "../core/index.ts";
import { planErrors } from "../core/plans/index.ts";
import type { Task } from "../core/plans/index.ts";
import type { Reader } from "../core/store/index.ts";
import { didYouMean } from "./program.ts";

/** Reads something of a plan; when there is no such plan, the error says which one may be meant. */
export async function namingPlan<T>(
  { store, plans }: Pick<Skein, "store" | "plans">,
  id: string,
  read: (reader: Reader) => Promise<T>,
): Promise<T> {
  try {
    return await store.read(read);
  } catch (error) {
    if (error instanceof SkeinError && error.code === planErrors.noPlan.code) {
      const known = await store.read((reader) => plans.listPlans(reader));
      throw didYouMean(
        error,
        id,
        known.map((plan) => plan.id),
      );
    }
    throw error;
  }
}

/** Does something with a task that is named; when there is no such task, the error says which one may be meant. */
export async function namingTask<T>(
  { store, plans }: Pick<Skein, "store" | "plans">,
  name: string,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof SkeinError && error.code === planErrors.noTask.code) {
      const known = await store.read((reader) => plans.listTasks(reader, { limit: 20_000 }));
      throw didYouMean(
        error,
        name,
        known.flatMap(({ plan, id }) => (name.includes("/") ? [`${plan}/${id}`] : [id])),
      );
    }
    throw error;
  }
}

/** Finds a task by `T1` or `PLAN/T1`. @throws {SkeinError} SKN-5402, SKN-5403. */
export function findTask(skein: Pick<Skein, "store" | "plans">, name: string): Promise<Task> {
  return namingTask(skein, name, () =>
    skein.store.read((reader) => skein.plans.resolve(reader, name, null)),
  );
}

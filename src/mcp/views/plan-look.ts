import { SkeinError } from "../../core/base/errors.ts";
import type { Plan, Task, TaskStatus } from "../../core/plans/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import { mcpErrors } from "../errors.ts";
import { planRow } from "./board.ts";
import { changesSince } from "./events-view.ts";
import type { Looking, LookAt } from "./look.ts";
import { taskRow } from "./task-view.ts";
import { clip, preview, usd } from "./text.ts";

/** What is being worked on stands first, what is over last. */
const order: Readonly<Record<TaskStatus, number>> = {
  claimed: 0,
  submitted: 1,
  failed: 2,
  pending: 3,
  blocked: 4,
  done: 5,
  canceled: 6,
};

/** One plan: its counts and its tasks, what is in work first. */
export const lookAtPlan: LookAt = async (skein, { id, since }): Promise<Looking> =>
  skein.store.read(async (reader) => {
    const plan =
      id === null ? await onlyPlan(skein, reader) : await skein.plans.getPlan(reader, id);
    const limit = await skein.plans.parallelLimit(reader);
    const tasks = await skein.plans.listTasks(reader, { plan: plan.id, limit: 20_000 });
    return {
      data: {
        ...planRow(plan, await skein.plans.counts(reader, plan.id)),
        verify: plan.verify,
        pause_reason: plan.pauseReason === null ? null : clip(plan.pauseReason, 300),
        budget_usd: plan.budgetMicroUsd === null ? null : usd(plan.budgetMicroUsd),
        most_at_once:
          limit === null ? null : `${String(limit.most)}, as ${clip(limit.because, 80)} says`,
        tasks: preview(inOrder(tasks), (task) => taskRow(task, false)),
        ...(since === null
          ? {}
          : { changes: await changesSince(skein, reader, { since, about: plan.id }) }),
      },
      next: `look {at: "task", id: "${plan.id}/T1"} tells why a task waits.`,
    };
  });

function inOrder(tasks: readonly Task[]): readonly Task[] {
  return tasks.toSorted((left, right) => order[left.status] - order[right.status]);
}

async function onlyPlan(skein: Skein, reader: Reader): Promise<Plan> {
  const plans = await skein.plans.listPlans(reader);
  const active = plans.filter(({ status }) => status === "active" || status === "paused");
  const [only] = active.length > 0 ? active : plans;
  if (only === undefined) {
    throw new SkeinError(mcpErrors.nothingThere, {
      message: "There is no plan yet.",
      fix: "Propose one with propose_plan.",
    });
  }
  if (active.length > 1) {
    throw new SkeinError(mcpErrors.nothingThere, {
      message: `There are ${String(active.length)} plans; name one with id.`,
      fix: `Give id: one of ${active
        .slice(0, 10)
        .map((plan) => plan.id)
        .join(", ")}.`,
    });
  }
  return only;
}

import type { Plan, TaskCounts } from "../../core/plans/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import { changesSince } from "./events-view.ts";
import type { Looking, LookAt } from "./look.ts";
import { sessionRows } from "./sessions-view.ts";
import { taskRow } from "./task-view.ts";
import { clip, preview } from "./text.ts";

/** Plans with their counts, who is here, what is claimed, what waits for people. */
export const lookAtBoard: LookAt = async (skein, { session, since }): Promise<Looking> =>
  skein.store.read(async (reader) => {
    const plans = await skein.plans.listPlans(reader);
    const shown = plans.filter(({ status }) => status !== "finished" && status !== "canceled");
    const rows = await planRows(skein, reader, shown.slice(0, 10));
    const claimed = await skein.plans.listTasks(reader, { status: "claimed", limit: 200 });
    const sessions = await sessionRows(skein, reader, 12);
    const open = await skein.approvals.open(reader);
    const leases = await skein.leases.list(reader);
    return {
      data: {
        plans: { count: plans.length, rows },
        sessions,
        claims: preview(claimed, (task) => taskRow(task, true), 12),
        leases: leases.length,
        questions: open.length,
        unread: session === null ? null : await skein.messages.unread(reader, session),
        ...(since === null ? {} : { changes: await changesSince(skein, reader, { since }) }),
      },
      next: 'Call next_task for work; look {at: "plan" | "task", id} for more.',
    };
  });

async function planRows(
  skein: Skein,
  reader: Reader,
  plans: readonly Plan[],
): Promise<readonly PlanRow[]> {
  const rows: PlanRow[] = [];
  for (const plan of plans) {
    rows.push(planRow(plan, await skein.plans.counts(reader, plan.id)));
  }
  return rows;
}

/** A plan in one row, with how many of its tasks are in each state. */
export interface PlanRow extends TaskCounts {
  readonly id: string;
  readonly title: string;
  readonly status: string;
}

export function planRow({ id, title, status }: Plan, counts: TaskCounts): PlanRow {
  return { id, title: clip(title, 60), status, ...counts };
}

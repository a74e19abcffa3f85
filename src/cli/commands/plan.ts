import type { StoredProject } from "../project.ts";
import type { Plan, TaskCounts } from "../../core/plans/index.ts";
import type { Answer, Call } from "../command.ts";
import { needYes } from "../asking.ts";
import { namingPlan } from "../names.ts";
import { tableLines } from "../output.ts";
import { whoCalls, withStore } from "../project.ts";
import { clip, planData, taskData } from "../views.ts";
import { taskLines } from "../task-lines.ts";
import { counted } from "../counted.ts";

interface PlanRow {
  readonly plan: Plan;
  readonly counts: TaskCounts;
}

/** `skein plan list`. */
export async function listPlans(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const rows = await skein.store.read(async (reader) => {
      const found: PlanRow[] = [];
      for (const plan of await skein.plans.listPlans(reader)) {
        found.push({ plan, counts: await skein.plans.counts(reader, plan.id) });
      }
      return found;
    });
    return {
      data: {
        plans: rows.map(({ plan, counts }) => ({ ...planData(plan), counts: { ...counts } })),
      },
      lines:
        rows.length === 0
          ? ["There is no plan yet. Bring one in with `skein plan import FILE`."]
          : tableLines(["PLAN", "STATUS", "DONE", "TITLE"], rows.map(rowOf)),
    };
  });
}

function rowOf({ plan, counts }: PlanRow): readonly string[] {
  const all = Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
  return [plan.id, plan.status, `${String(counts.done)}/${String(all)}`, clip(plan.title, 60)];
}

/** `skein plan show [PLAN]`: without a name, the only plan, or all of them in short. */
export async function showPlan(call: Call): Promise<Answer> {
  const [id] = call.args;
  return id === undefined ? listPlans(call) : showOne(call, id);
}

async function showOne(call: Call, id: string): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const { plan, counts, tasks, limit } = await namingPlan(skein, id, async (reader) => ({
      plan: await skein.plans.getPlan(reader, id),
      counts: await skein.plans.counts(reader, id),
      tasks: await skein.plans.listTasks(reader, { plan: id, limit: 20_000 }),
      limit: await skein.plans.parallelLimit(reader),
    }));
    return {
      data: {
        plan: planData(plan),
        counts: { ...counts },
        most_at_once: limit === null ? null : { ...limit },
        tasks: tasks.map(taskData),
      },
      lines: [
        `${plan.id}: ${clip(plan.title, 100)}`,
        `${plan.status}${plan.pauseReason === null ? "" : ` (${clip(plan.pauseReason, 160)})`}, done by ${plan.verify}, ${countsText(counts)}`,
        ...(limit === null
          ? []
          : [`at most ${counted(limit.most, "task")} in work at once, as ${limit.because} says`]),
        "",
        ...taskLines(tasks),
      ],
    };
  });
}

/** The counts that are not zero, in words. */
export function countsText(counts: TaskCounts): string {
  const said = Object.entries({ ...counts })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${String(count)} ${state}`);
  return said.length === 0 ? "no tasks" : said.join(", ");
}

/** `skein plan pause PLAN`. */
export async function pausePlan(call: Call): Promise<Answer> {
  return steer(call, "pause", async ({ skein }, { id, act }) => {
    const plan = await skein.dispatch.pausePlan(id, act);
    return {
      data: { plan: planData(plan) },
      lines: [`Plan ${id} is paused; claims that run go on.`],
    };
  });
}

/** `skein plan resume PLAN`. */
export async function resumePlan(call: Call): Promise<Answer> {
  return steer(call, "resume", async ({ skein }, { id, act }) => {
    const plan = await skein.dispatch.resumePlan(id, act);
    return { data: { plan: planData(plan) }, lines: [`Plan ${id} goes on.`] };
  });
}

/** `skein plan cancel PLAN`. */
export async function cancelPlan(call: Call): Promise<Answer> {
  return steer(call, "cancel", async ({ skein }, { id, act }) => {
    const outcome = await skein.dispatch.cancelPlan(id, act);
    return {
      data: { plan: id, canceled: outcome.canceled, ended_claims: outcome.ended.length },
      lines: [`Plan ${id} is canceled with ${counted(outcome.canceled.length, "task")}.`],
    };
  });
}

type Act = {
  readonly actor: Awaited<ReturnType<typeof whoCalls>>["actor"];
  readonly reason: string;
};

async function steer(
  call: Call,
  verb: "pause" | "resume" | "cancel",
  work: (project: StoredProject, on: { readonly id: string; readonly act: Act }) => Promise<Answer>,
): Promise<Answer> {
  const [id = ""] = call.args;
  return withStore(call, async (project) => {
    const { skein } = project;
    const plan = await namingPlan(skein, id, (reader) => skein.plans.getPlan(reader, id));
    if (call.options.flag("dryRun")) {
      const counts = await skein.store.read((reader) => skein.plans.counts(reader, id));
      return {
        data: { dry_run: true, act: verb, plan: planData(plan), counts: { ...counts } },
        lines: [
          `Would ${verb} plan ${id}, now ${plan.status}: ${countsText(counts)}. Nothing was changed.`,
        ],
      };
    }
    const { actor } = await whoCalls(call, project);
    if (verb === "cancel") {
      await needYes(call, `Cancel plan ${id} with all of its open tasks?`);
    }
    const reason = call.options.text("reason") ?? `${verb} by ${actor}`;
    return work(project, { id, act: { actor, reason } });
  });
}

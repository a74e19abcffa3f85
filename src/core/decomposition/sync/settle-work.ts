import type { ChildrenPlan } from "../children-plan.ts";
import type { Work, WorkAct, WorkedPlan } from "../work.ts";
import type { DecidedChild, SyncAct } from "./acts.ts";
import { moveOf } from "./decide.ts";
import { taskIdOf, taskPlan } from "./task-plan.ts";

export interface Settling {
  readonly plan: ChildrenPlan;
  readonly decided: readonly DecidedChild[];
  /** As it was; null: never taken in here. */
  readonly before: WorkedPlan | null;
  readonly isDryRun: boolean;
}

export interface Settlement {
  /** As it is afterwards; null: there is no database. */
  readonly worked: WorkedPlan | null;
  readonly acts: readonly SyncAct[];
}

/**
 * Brings the tasks of a plan to where their children are settled: the plan is taken in as GitHub has it, and then each task that has to end
 * is ended. What was taken from its holder is ticked by a second import.
 */
export async function settleWork(work: Work | null, settling: Settling): Promise<Settlement> {
  const { before, isDryRun } = settling;
  if (work === null || before?.isCanceled === true) {
    return { worked: before, acts: [] };
  }
  const first = await importWith(work, settling);
  const worked = isDryRun ? before : await work.read(settling.plan.id);
  const moves = movesOf(settling, worked);
  if (isDryRun || moves.length === 0) {
    return { worked, acts: [...first, ...moves.map(({ act }) => act)] };
  }
  for (const { act, by } of moves) {
    await work[act.move](by);
  }
  const isReleased = moves.some(({ act }) => act.move === "release");
  const second = isReleased ? await importWith(work, settling) : [];
  return {
    worked: await work.read(settling.plan.id),
    acts: [...first, ...moves.map(({ act }) => act), ...second],
  };
}

async function importWith(
  work: Work,
  { plan, decided, isDryRun }: Settling,
): Promise<readonly SyncAct[]> {
  const words = new Map(
    decided.flatMap(({ child, issue }) => (issue === null ? [] : [[child.key, issue] as const])),
  );
  const draft = taskPlan(
    plan,
    decided.map(({ next }) => next),
    words,
  );
  const tasks = await work.take(draft, isDryRun);
  return tasks.length === 0 ? [] : [{ kind: "import", tasks }];
}

interface Move {
  readonly act: Extract<SyncAct, { readonly kind: "move" }>;
  readonly by: WorkAct;
}

function movesOf({ plan, decided }: Settling, worked: WorkedPlan | null): readonly Move[] {
  return decided.flatMap(({ child, next, decision, closer }) => {
    const task = taskIdOf(next);
    const move = moveOf(decision.want, worked?.tasks.get(task)?.status ?? null);
    if (move === null) {
      return [];
    }
    const how = decision.want === "done" ? "completed" : "canceled";
    const person = closer?.login ?? "github";
    const reason = `#${String(child.number)} was closed as ${how} on GitHub`;
    return [
      { act: { kind: "move" as const, task, move }, by: { plan: plan.id, task, person, reason } },
    ];
  });
}

import { randomToken } from "../base/ids.ts";
import type { Task } from "../plans/index.ts";
import type { IntegrationDeps } from "./deps.ts";
import type { Integration, IntegrateOptions, Landing } from "./integration.ts";
import { landTask } from "./landing.ts";
import { inTurn } from "./turn.ts";
import { verifyTask } from "./verifying.ts";

/** Makes integration over one project's store and one repository. */
export function createIntegration(deps: IntegrationDeps): Integration {
  return {
    integrate: (options) =>
      inTurn(deps, randomToken(deps.random), (lost) => landAll(deps, options, lost)),
    verifyTask: (request) => verifyTask(deps, request),
  };
}

/** Goes on until no submitted task is left that was not tried: work that is submitted meanwhile is taken along. */
async function landAll(
  deps: IntegrationDeps,
  options: IntegrateOptions,
  lost: AbortSignal,
): Promise<readonly Landing[]> {
  const tried = new Set<string>();
  const landings: Landing[] = [];
  for (;;) {
    const task = await nextSubmitted(deps, options, tried);
    if (task === null || lost.aborted || options.signal?.aborted === true) {
      return landings;
    }
    tried.add(attemptOf(task));
    landings.push(await landTask(deps, task, options));
  }
}

/**
 * The submitted task that waits longest. This is also the order of dependencies, because a task is handed out only when those it depends
 * on are done.
 */
async function nextSubmitted(
  { store, plans }: IntegrationDeps,
  { plan, task: name }: IntegrateOptions,
  tried: ReadonlySet<string>,
): Promise<Task | null> {
  return store.read(async (reader) => {
    const submitted =
      name === null
        ? await plans.listTasks(reader, { status: "submitted", plan: plan ?? undefined })
        : [await plans.resolve(reader, name, null)];
    const [first] = submitted
      .filter((task) => task.status === "submitted" && task.integratedCommit === null)
      .filter((task) => !tried.has(attemptOf(task)))
      .toSorted(
        (one, other) => one.updatedAtMs - other.updatedAtMs || fenceOf(one) - fenceOf(other),
      );
    return first ?? null;
  });
}

/** A task that was sent back and submitted anew is tried again, under its new fence. */
function attemptOf(task: Task): string {
  return `${task.plan}/${task.id}@${String(fenceOf(task))}`;
}

function fenceOf({ fence }: Task): number {
  return fence ?? 0;
}

import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { takeChecks } from "../tasks/checks.ts";
import { takePlanFiles } from "../tasks/plan-files.ts";
import type { Push } from "../tasks/plan-files.ts";
import { openWorkplace } from "../workplace.ts";

const nothing = plainOutcome("skipped", "This event makes no task here.");

/** Makes tasks of a check that failed and of a plan's file that changed, where the settings ask for them. */
export async function handleTasks(context: BotContext): Promise<HandlerOutcome> {
  const { event } = context;
  if (event.kind === "check") {
    return (await takeChecks(context, await openWorkplace(context), event.check)) ?? nothing;
  }
  if (event.kind !== "push" || !isDefaultBranch(event)) {
    return nothing;
  }
  return (await takePlanFiles(context, await openWorkplace(context), event)) ?? nothing;
}

function isDefaultBranch({ ref, after, repository }: Push): boolean {
  const { defaultBranch } = repository;
  return defaultBranch !== null && ref === `refs/heads/${defaultBranch}` && !/^0+$/u.test(after);
}

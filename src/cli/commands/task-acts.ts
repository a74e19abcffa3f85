import { SkeinError } from "../../core/base/errors.ts";
import type { StoredProject } from "../project.ts";
import type { ControlAct, OverrideRequest } from "../../core/dispatch/index.ts";
import type { CancelOutcome, Task } from "../../core/plans/index.ts";
import type { Answer, Call } from "../command.ts";
import { needReason, needYes } from "../asking.ts";
import { cliErrors } from "../errors.ts";
import { findTask } from "../names.ts";
import { whoCalls, withStore } from "../project.ts";
import type { Who } from "../project.ts";
import { statusText } from "../task-lines.ts";
import { taskData } from "../views.ts";
import { branchOf } from "./integrate.ts";
import { counted } from "../counted.ts";

interface On {
  readonly project: StoredProject;
  readonly task: Task;
  readonly name: string;
  readonly who: Who;
}

/** `skein task reassign TASK --to SESSION --reason TEXT`. */
export async function reassignTask(call: Call): Promise<Answer> {
  return onTask(call, "reassign", async (on) => {
    const request = await override(call, on);
    const to = call.options.text("to");
    const task = await on.project.skein.dispatch.reassign({ ...request, to });
    const whom = task.assignedTo ?? "whoever asks first";
    return taskAnswer(task, `${on.name} is queued again, for ${whom}.`);
  });
}

/** `skein task release TASK --reason TEXT`. */
export async function releaseTask(call: Call): Promise<Answer> {
  return onTask(call, "release", async (on) => {
    const task = await on.project.skein.dispatch.releaseTask(await override(call, on));
    return taskAnswer(task, `${on.name} is queued again.`);
  });
}

/** `skein task retry TASK`. */
export async function retryTask(call: Call): Promise<Answer> {
  return onTask(call, "retry", async (on) => {
    const { task, revived } = await on.project.skein.dispatch.retryTask(on.name, actOf(call, on));
    const { data, lines } = taskAnswer(task, `${on.name} is queued again.`);
    return {
      data: { ...data, revived },
      lines: revived.length === 0 ? lines : [...lines, `So are ${revived.join(", ")}.`],
    };
  });
}

/** `skein task cancel TASK`. */
export async function cancelTask(call: Call): Promise<Answer> {
  return onTask(call, "cancel", async (on) => {
    await needYes(
      call,
      `Cancel ${on.name}? ${counted(on.task.dependents, "task")} ${on.task.dependents === 1 ? "waits" : "wait"} for it.`,
    );
    return cancelAnswer(
      on.name,
      await on.project.skein.dispatch.cancelTask(on.name, actOf(call, on)),
    );
  });
}

function cancelAnswer(name: string, { canceled, blocked, ended }: CancelOutcome): Answer {
  const inside = canceled.filter((id) => !name.endsWith(`/${id}`));
  const also = blocked.length === 0 ? "" : ` Blocked by it: ${blocked.join(", ")}.`;
  return {
    data: { task: name, canceled, blocked, ended_claims: ended.length },
    lines: [`Canceled ${name}${inside.length === 0 ? "" : `, with ${inside.join(", ")}`}.${also}`],
  };
}

/** `skein task verify TASK`. */
export async function verifyTask(call: Call): Promise<Answer> {
  return onTask(call, "verify", async ({ project, name, who }) => {
    const { repository, settings } = project;
    if (repository === null) {
      throw new SkeinError(cliErrors.notServed);
    }
    const branch = await branchOf(call, { repository, settings });
    const task = await project.skein.integration.verifyTask({ task: name, branch, by: who.actor });
    return taskAnswer(task, `${name} is ${task.status}.`);
  });
}

/** Finds the task and who asks; with `--dry-run` only tells what the task is now. */
async function onTask(
  call: Call,
  verb: string,
  work: (on: On) => Promise<Answer>,
): Promise<Answer> {
  return withStore(call, async (project) => {
    const task = await findTask(project.skein, call.args[0] ?? "");
    const name = `${task.plan}/${task.id}`;
    if (call.options.flag("dryRun")) {
      return {
        data: { dry_run: true, act: verb, task: taskData(task) },
        lines: [`Would ${verb} ${name}, now ${statusText(task)}. Nothing was changed.`],
      };
    }
    return work({ project, task, name, who: await whoCalls(call, project) });
  });
}

/** Taking work from a session asks first and keeps the reason; a task that nobody holds is only steered. */
async function override(call: Call, { task, name, who }: On): Promise<OverrideRequest> {
  const reason = await needReason(call);
  if (task.status === "claimed") {
    await needYes(call, `Take ${name} from ${task.session ?? "its holder"}?`);
  }
  return { target: name, by: who.session, person: who.person, reason };
}

function actOf({ options }: Call, { who }: On): ControlAct {
  return { actor: who.actor, reason: options.text("reason") ?? `asked by ${who.actor}` };
}

function taskAnswer(task: Task, line: string): Answer {
  return { data: { task: taskData(task) }, lines: [line] };
}

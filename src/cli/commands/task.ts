import type { Attempt, Task, TaskFilter, TaskStatus } from "../../core/plans/index.ts";
import { isTaskStatus } from "../../core/plans/index.ts";
import type { Why } from "../../core/dispatch/index.ts";
import { isoTime } from "../../core/base/iso.ts";
import type { Skein } from "../../core/index.ts";
import type { Answer, Call } from "../command.ts";
import { findTask, namingPlan, namingTask } from "../names.ts";
import { callerOf, withStore } from "../project.ts";
import { findLiving } from "../sessions.ts";
import { statusText, taskLines } from "../task-lines.ts";
import { attemptData, clip, taskData } from "../views.ts";

const usualLimit = 1_000;

/** `skein task list`. */
export async function listTasks(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const plan = call.options.text("plan");
    if (plan !== null) {
      await namingPlan(skein, plan, (reader) => skein.plans.getPlan(reader, plan));
    }
    const filter = await filterOf(call, skein);
    const limit = call.options.number("limit") ?? usualLimit;
    const found = await skein.store.read((reader) =>
      skein.plans.listTasks(reader, { ...filter, limit: limit + 1 }),
    );
    const tasks = found.slice(0, limit);
    if (found.length > limit && !call.globals.json) {
      call.io.warn(
        `There are more than ${String(limit)}: name a plan or a status, or raise --limit.`,
      );
    }
    return { data: { tasks: tasks.map(taskData) }, lines: taskLines(tasks) };
  });
}

async function filterOf({ options }: Call, skein: Skein): Promise<TaskFilter> {
  const status = options.text("status") ?? "";
  const named = options.text("session");
  const session = named === null ? null : await findLiving(skein, named);
  const wanted: TaskStatus | undefined = isTaskStatus(status) ? status : undefined;
  return {
    plan: options.text("plan") ?? undefined,
    status: wanted,
    session: session?.id,
  };
}

/** `skein task show TASK`. */
export async function showTask(call: Call): Promise<Answer> {
  const [name = ""] = call.args;
  return withStore(call, async ({ skein }) => {
    const task = await findTask(skein, name);
    const attempts = await skein.store.read((reader) => skein.plans.attemptsOf(reader, task));
    return {
      data: {
        task: { ...taskData(task), spec: task.spec, accept: task.accept, feedback: task.feedback },
        attempts: attempts.map(attemptData),
      },
      lines: showLines(task, attempts),
    };
  });
}

function showLines(task: Task, attempts: readonly Attempt[]): readonly string[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ["status", statusText(task)],
    ["by", task.session],
    ["priority", `${task.priority}, ${String(task.minutes)} minutes`],
    ["files", task.files.join(", ")],
    ["after", task.dependsOn.join(", ")],
    ["skills", task.skills.join(", ")],
    ["note", task.note],
    ["summary", task.summary],
    ["commit", task.commit],
    ["reason", task.reason],
    ["feedback", task.feedback],
  ];
  return [
    `${task.plan}/${task.id}: ${clip(task.title, 160)}`,
    ...facts
      .filter(([, text]) => text !== null && text !== "")
      .map(([word, text]) => `  ${word.padEnd(9)} ${clip(text ?? "", 300)}`),
    ...task.accept.map((text) => `  accept    ${clip(text, 300)}`),
    ...(task.spec === "" ? [] : ["", ...task.spec.split("\n").map((line) => `  ${line}`)]),
    ...(attempts.length === 0 ? [] : ["", ...attempts.map(attemptLine)]),
  ];
}

function attemptLine(attempt: Attempt): string {
  const { number, session, fence, startedAtMs, endedAtMs, outcome, cause, summary } = attempt;
  const end =
    endedAtMs === null
      ? "runs"
      : `${outcome ?? "ended"} ${isoTime(endedAtMs)}${cause === null ? "" : `, ${cause}`}`;
  const said = summary === null ? "" : `: ${clip(summary, 120)}`;
  return `  attempt ${String(number)} by ${session} under fence ${String(fence)} from ${isoTime(startedAtMs)}, ${end}${said}`;
}

/** `skein task why TASK`. */
export async function whyTask(call: Call): Promise<Answer> {
  const [name = ""] = call.args;
  return withStore(call, async ({ skein }) => {
    const why = await namingTask(skein, name, () => skein.dispatch.why(name, callerOf(call.io)));
    return {
      data: {
        task: `${why.task.plan}/${why.task.id}`,
        status: why.task.status,
        is_ready: why.isReady,
        score: why.score / 10,
        reasons: why.reasons.map(({ code, text, next }) => ({ code, text, next })),
      },
      lines: whyLines(why),
    };
  });
}

function whyLines({ task, isReady, score, reasons }: Why): readonly string[] {
  const head = isReady
    ? `${task.plan}/${task.id} is ready, with a score of ${String(score / 10)}.`
    : `${task.plan}/${task.id} (${statusText(task)}) is not handed out:`;
  return [
    head,
    ...reasons.flatMap(({ text, next }) => [
      `  ${text}`,
      ...(next === null ? [] : [`    Next: ${next}`]),
    ]),
  ];
}

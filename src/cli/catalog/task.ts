import type { CommandSpec } from "../command.ts";
import { branch, dryRun, onePlan, reason, task, yes } from "./words.ts";

const statuses = ["pending", "claimed", "submitted", "done", "failed", "blocked", "canceled"];

export const taskCommands: readonly CommandSpec[] = [
  {
    name: "task list",
    summary: "list tasks in the order of their plans",
    args: [],
    options: [
      onePlan,
      {
        flags: "--status <status>",
        summary: statuses.join(", "),
        value: { is: "choice", of: statuses },
      },
      {
        flags: "--session <session>",
        summary: "only those of this session",
        value: { is: "text", kind: "session" },
      },
      {
        flags: "--limit <count>",
        summary: "at most so many (default 1000)",
        value: { is: "number", min: 1, max: 100_000 },
      },
    ],
    load: async () => (await import("../commands/task.ts")).listTasks,
  },
  {
    name: "task show",
    summary: "show a task, its spec and its attempts",
    args: [task],
    options: [],
    load: async () => (await import("../commands/task.ts")).showTask,
  },
  {
    name: "task why",
    summary: "say why a task is not handed out",
    args: [task],
    options: [],
    load: async () => (await import("../commands/task.ts")).whyTask,
  },
  {
    name: "task reassign",
    summary: "take a task from its holder and keep it for another session",
    args: [task],
    options: [
      {
        flags: "--to <session>",
        summary: "a session, `best` for the best suited one; left out: whoever asks first",
        value: { is: "text", kind: "session" },
      },
      reason,
      yes,
      dryRun,
    ],
    load: async () => (await import("../commands/task-acts.ts")).reassignTask,
  },
  {
    name: "task release",
    summary: "take a task from its holder and queue it again",
    args: [task],
    options: [reason, yes, dryRun],
    load: async () => (await import("../commands/task-acts.ts")).releaseTask,
  },
  {
    name: "task retry",
    summary: "queue a failed or canceled task again, and what it had stopped",
    args: [task],
    options: [reason, dryRun],
    load: async () => (await import("../commands/task-acts.ts")).retryTask,
  },
  {
    name: "task cancel",
    summary: "cancel a task; what waits for it is blocked",
    args: [task],
    options: [reason, yes, dryRun],
    load: async () => (await import("../commands/task-acts.ts")).cancelTask,
  },
  {
    name: "task verify",
    summary: "prove that submitted work is on the integration branch, run its check, mark it done",
    args: [task],
    options: [branch],
    load: async () => (await import("../commands/task-acts.ts")).verifyTask,
  },
];

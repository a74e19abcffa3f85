import type { HandlerTable } from "./dispatch.ts";

/** The handlers of this version, each loaded with the first event that calls for it. */
export const handlers: HandlerTable = {
  rules: async () => (await import("./handlers/rules.ts")).handleRules,
  review: async () => (await import("./handlers/review.ts")).handleReview,
  plan: async () => (await import("./handlers/plan.ts")).handlePlan,
  command: async () => (await import("./handlers/command.ts")).handleCommand,
  closed: async () => (await import("./handlers/closed.ts")).handleClosed,
  tasks: async () => (await import("./handlers/tasks.ts")).handleTasks,
  schedule: async () => (await import("./handlers/schedule.ts")).handleSchedule,
};

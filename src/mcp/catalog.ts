import type { AnyTool } from "./tool.ts";
import { askHuman } from "./tools/ask-human.ts";
import { claimFiles } from "./tools/claim-files.ts";
import { finishTask } from "./tools/finish-task.ts";
import { look } from "./tools/look.ts";
import { nextTask } from "./tools/next-task.ts";
import { proposePlan } from "./tools/propose-plan.ts";
import { releaseFiles } from "./tools/release-files.ts";
import { reviewChanges } from "./tools/review-changes.ts";
import { sendMessage } from "./tools/send-message.ts";
import { updateTask } from "./tools/update-task.ts";

const tools: readonly AnyTool[] = [
  nextTask,
  updateTask,
  finishTask,
  claimFiles,
  releaseFiles,
  look,
  sendMessage,
  proposePlan,
  askHuman,
  reviewChanges,
];

/** Every tool, by name, in the order in which they are listed; the same for every client. */
export const catalog: ReadonlyMap<string, AnyTool> = new Map(
  tools.map((tool) => [tool.name, tool]),
);

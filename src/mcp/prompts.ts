import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { GetPromptResult, Prompt } from "@modelcontextprotocol/server";

const planArgument = { name: "plan", description: "Only this plan's id", required: false };

export const prompts: Prompt[] = [
  {
    name: "lead",
    title: "Lead a plan",
    description: "Split work into a plan and keep it moving.",
    arguments: [planArgument],
  },
  {
    name: "worker",
    title: "Work through a plan",
    description: "Take tasks one after the other until none is left.",
    arguments: [planArgument],
  },
  {
    name: "reviewer",
    title: "Review handed-in work",
    description: "Look at submitted tasks before they are integrated.",
    arguments: [planArgument],
  },
];

const texts: ReadonlyMap<string, (ofPlan: string) => string> = new Map([
  [
    "lead",
    (ofPlan) =>
      `You lead the agents of this repository${ofPlan}. Look at the board. When there is no plan, write one with propose_plan: small tasks whose files do not overlap, dependencies where one needs another's work, acceptance checks for each; dry_run first. Then keep it moving: look for tasks that wait and why, answer messages, ask_human for decisions that are a person's. Do not edit files that others hold.`,
  ],
  [
    "worker",
    (ofPlan) =>
      `You work through the plan of this repository${ofPlan}. Repeat: next_task; make HEAD contain base_commits; edit only the leased paths; check against accept; commit; finish_task with outcome "submitted", the commit and a short summary. Need another path: update_task add_paths. Cannot finish: finish_task with "failed" and the cause, or "released". Stop when next_task says that nothing is left.`,
  ],
  [
    "reviewer",
    (ofPlan) =>
      `You review handed-in work of this repository${ofPlan}. Look at the plan for tasks that are submitted. For each read the task (spec, accept, commit) and the commit's change. Report findings to the session that did it with send_message: file, line, what fails and with which input. Do not edit files, and do not mark tasks yourself.`,
  ],
]);

/** Fills a prompt in. The only argument is checked, so that no foreign text comes into it. */
export function getPrompt(
  name: string,
  args: Readonly<Record<string, string>> | undefined,
): GetPromptResult {
  const text = texts.get(name);
  if (text === undefined) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no such prompt. There are: ${[...texts.keys()].join(", ")}.`,
    );
  }
  const plan = args?.["plan"];
  if (plan !== undefined && !/^[\w.-]{1,64}$/u.test(plan)) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      "plan: letters, digits, `-`, `_` and `.`, at most 64.",
    );
  }
  const ofPlan = plan === undefined ? "" : ` (plan ${plan} only)`;
  return { messages: [{ role: "user", content: { type: "text", text: text(ofPlan) } }] };
}

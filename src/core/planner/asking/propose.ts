import { SkeinError } from "../../base/errors.ts";
import type { DraftFault } from "../checks/fault.ts";
import type { DraftPlan, PlanSource } from "../draft.ts";
import { plannerErrors } from "../errors.ts";
import type { Fence } from "../prompts/fence.ts";
import { planPrompt, repairPrompt } from "../prompts/plan-prompt.ts";
import type { PlanPrompt } from "../prompts/plan-prompt.ts";
import { readReply } from "../prompts/read-reply.ts";
import type { ReadReply } from "../prompts/read-reply.ts";
import { writeReply } from "../prompts/write-reply.ts";
import type { Asking, PlannerModels } from "./asking.ts";
import { mergeParts } from "./merge-parts.ts";
import { partsOf } from "./parts.ts";
import type { GoalPart } from "./parts.ts";

/** A plan is sent back to its model so often, with what is wrong. */
export const mostRepairs = 2;

export interface ProposeDeps {
  readonly asking: Asking;
  readonly models: Pick<PlannerModels, "planner" | "cheap">;
  readonly fence: Fence;
  /** Everything that is wrong with a plan. */
  readonly check: (plan: DraftPlan) => readonly DraftFault[];
}

export interface ProposeRequest extends Pick<PlanPrompt, "source" | "tree" | "before"> {
  /** The plan's id. */
  readonly id: string;
}

/** The best plan that a model made. */
export interface Proposal {
  /** It may have faults still. */
  readonly plan: DraftPlan;
  readonly repairs: number;
  /** How many planners worked at the same time. */
  readonly planners: number;
}

interface Said {
  readonly text: string;
  readonly read: ReadReply;
  readonly planners: number;
}

/**
 * Has a plan made by models: a goal of several parts by one cheap model a part, at the same time, any other by the planner. What is wrong is
 * sent back to the planner, at most twice.
 *
 * @throws {SkeinError} SKN-0841 when no answer was a plan at all.
 */
export async function propose(deps: ProposeDeps, request: ProposeRequest): Promise<Proposal> {
  const { asking, models, fence, check } = deps;
  const asked = planPrompt({ ...request, fence, part: null });
  let said = await first(deps, request);
  let best: DraftPlan | null = null;
  for (let repairs = 0; ; repairs += 1) {
    const { read } = said;
    best = read.kind === "plan" ? read.plan : best;
    const faults = faultsOf(read, check);
    if (faults.length === 0 || repairs === mostRepairs || read.kind === "refused") {
      return { plan: need(best, faults), repairs, planners: said.planners };
    }
    const messages = repairPrompt(asked, said.text, faults);
    const generation = await asking.ask({ messages, model: models.planner, seat: "planner" });
    said = { ...said, text: generation.text, read: readReply(generation, request.id) };
  }
}

function faultsOf(
  read: ReadReply,
  check: ProposeDeps["check"],
): readonly Pick<DraftFault, "message">[] {
  switch (read.kind) {
    case "plan":
      return check(read.plan);
    case "faults":
      return read.messages.map((message) => ({ message }));
    case "refused":
      return [{ message: "The model refused to answer." }];
    default:
      return read satisfies never;
  }
}

function need(plan: DraftPlan | null, faults: readonly Pick<DraftFault, "message">[]): DraftPlan {
  if (plan === null) {
    const messages = faults.map(({ message }) => message);
    throw new SkeinError(plannerErrors.unsafePlan, {
      message: `No answer of the model was a plan. ${messages[0] ?? ""}`.trim(),
      facts: { faults: messages },
    });
  }
  return plan;
}

async function first(deps: ProposeDeps, request: ProposeRequest): Promise<Said> {
  const { asking, models, fence } = deps;
  const parts = partsOf(request.source);
  if (parts.length > 0) {
    return firstOfParts(deps, request, parts);
  }
  const messages = planPrompt({ ...request, fence, part: null });
  const generation = await asking.ask({ messages, model: models.planner, seat: "planner" });
  return { text: generation.text, read: readReply(generation, request.id), planners: 1 };
}

async function firstOfParts(
  { asking, models, fence }: ProposeDeps,
  request: ProposeRequest,
  parts: readonly GoalPart[],
): Promise<Said> {
  // All of them end before one failure is told, so that no call is left running.
  const ended = await Promise.allSettled(
    parts.map(async (part) => {
      const others = parts.filter((each) => each !== part).map((each) => lineOf(each));
      const messages = planPrompt({ ...request, fence, part: { title: lineOf(part), others } });
      const seat = `planner:${part.id}`;
      const generation = await asking.ask({ messages, model: models.cheap, seat });
      const read = readReply(generation, request.id);
      return { part, plan: read.kind === "plan" ? read.plan : null };
    }),
  );
  const planned = await Promise.all(
    ended.map(async (each) =>
      each.status === "fulfilled" ? each.value : Promise.reject(each.reason),
    ),
  );
  const plan = mergeParts(planned, { id: request.id, title: titleOf(request.source, request.id) });
  return { text: writeReply(plan), read: { kind: "plan", plan }, planners: parts.length };
}

function lineOf({ id, title }: GoalPart): string {
  return `${id}: ${title}`;
}

function titleOf({ text }: PlanSource, id: string): string {
  const line = /^#\s+(\S.*)$/mu.exec(text)?.[1] ?? "";
  return line === "" ? id : line.trim().slice(0, 200);
}

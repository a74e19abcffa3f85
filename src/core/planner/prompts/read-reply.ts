import { parseLooseObject } from "../../base/loose-object.ts";
import { cleanLine, cleanText } from "../../base/text.ts";
import type { Generation } from "../../models/index.ts";
import type { DraftPlan, DraftTask } from "../draft.ts";
import { slugOf } from "../plan-id.ts";
import { parseReply, shapeFaults } from "./reply-shape.ts";
import type { PlanReply } from "./reply-shape.ts";

/** A model's answer as a plan, or what is wrong with its shape. */
export type ReadReply =
  | { readonly kind: "plan"; readonly plan: DraftPlan }
  | { readonly kind: "faults"; readonly messages: readonly string[] }
  /** The model would not answer: asking again costs the same and brings the same. */
  | { readonly kind: "refused" };

/** Reads a model's answer. The plan's id is ours: no answer can name the plan that it changes. */
export function readReply({ object, text, finish }: Generation<PlanReply>, id: string): ReadReply {
  if (finish === "refusal") {
    return { kind: "refused" };
  }
  const value = object ?? jsonIn(text);
  const reply = parseReply(value);
  if (reply !== null) {
    return { kind: "plan", plan: planOf(reply, id) };
  }
  const cut = finish === "length" ? ["The answer was cut off: make it shorter."] : [];
  const messages =
    value === null ? ["The answer is no JSON object of the shape asked for."] : shapeFaults(value);
  return { kind: "faults", messages: [...cut, ...messages] };
}

/** The object of a text: alone, in a code fence, or with words around. */
function jsonIn(text: string): unknown {
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}");
  return (
    parseLooseObject(text) ??
    (from < 0 || to < from ? null : parseLooseObject(text.slice(from, to + 1)))
  );
}

function planOf({ split, reason, title, tasks }: PlanReply, id: string): DraftPlan {
  const read = tasks.map((task) => taskOf(task));
  return {
    id,
    title: cleanLine(title, 200) || id,
    isSplit: split,
    reason: cleanLine(reason, 500),
    tasks: read,
  };
}

function taskOf(task: PlanReply["tasks"][number]): DraftTask {
  return {
    id: keyOf(task.key),
    title: cleanLine(task.title, 200),
    outcome: cleanText(task.outcome, 2_000),
    operations: task.operations.map(
      ({ path, action, start_line: from, end_line: to, form, text }) => ({
        path: cleanLine(path, 1_024),
        action,
        lines: from === null ? null : { from, to: to ?? from },
        form,
        text: form === "diff" ? cleanText(text, 4_000) : cleanLine(text, 2_000),
      }),
    ),
    scope: lines(task.scope, 1_024),
    fresh: lines(task.new_paths, 1_024),
    accept: lines(task.accept, 1_000),
    validate: lines(task.validate, 500),
    minutes: task.minutes,
    dependsOn: [...new Set(task.depends_on.map((name) => keyOf(name)))],
    skills: lines(task.skills, 64),
    parent: task.parent === null || task.parent === "" ? null : keyOf(task.parent),
    priority: task.priority,
    details: "",
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: false,
  };
}

/** Cleaned, without empty ones and repeats. */
function lines(list: readonly string[], mostChars: number): readonly string[] {
  const clean = list.map((text) => cleanLine(text, mostChars));
  return [...new Set(clean.filter((text) => text !== ""))];
}

/** A key stays as it is where it may be an id; anything else becomes one. */
function keyOf(text: string): string {
  return /^[A-Za-z0-9][\w.-]{0,63}$/u.test(text) ? text : slugOf(text, "task");
}

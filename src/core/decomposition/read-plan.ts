import { isLooseObject, ownText, ownValue } from "../base/loose-object.ts";
import type { Priority } from "../plans/index.ts";
import type { ChildrenPlan, PlannedChild } from "./children-plan.ts";
import { ownNumber, readAll } from "./reading.ts";

/** Reads a plan of children as it was kept; null when it is none. */
export function readPlan(value: unknown): ChildrenPlan | null {
  if (!isLooseObject(value)) {
    return null;
  }
  const [id, title, reason] = ["id", "title", "reason"].map((name) => ownText(value, name));
  const children = readAll(ownValue(value, "children"), readPlanned);
  return id == null || title == null || reason == null || children === null
    ? null
    : { id, title, reason, children };
}

function readPlanned(value: unknown): PlannedChild | null {
  if (!isLooseObject(value)) {
    return null;
  }
  const text = (name: string): string | null => ownText(value, name);
  const list = (name: string): readonly string[] => readAll(ownValue(value, name), textOf) ?? [];
  const [key, title, outcome, spec] = [text("key"), text("title"), text("outcome"), text("spec")];
  const minutes = ownNumber(value, "minutes");
  if (key === null || title === null || outcome === null || spec === null || minutes === null) {
    return null;
  }
  return {
    key,
    title,
    outcome,
    scope: list("scope"),
    accept: list("accept"),
    minutes,
    dependsOn: list("dependsOn"),
    skills: list("skills"),
    priority: priorityOf(text("priority")),
    spec,
    tokens: ownNumber(value, "tokens") ?? 0,
    microUsd: ownNumber(value, "microUsd"),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function priorityOf(text: string | null): Priority {
  return text === "critical" || text === "high" || text === "low" ? text : "medium";
}

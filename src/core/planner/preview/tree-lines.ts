import { containersOf } from "../draft.ts";
import type { DraftTask } from "../draft.ts";

/** The tasks as a tree of lines, children below their container. */
export function treeLines(tasks: readonly DraftTask[]): readonly string[] {
  return linesBelow(null, { tasks, containers: containersOf(tasks), indent: "" });
}

interface Level {
  readonly tasks: readonly DraftTask[];
  readonly containers: ReadonlySet<string>;
  readonly indent: string;
}

function linesBelow(parent: string | null, level: Level): readonly string[] {
  const { tasks, containers, indent } = level;
  const own = tasks.filter((task) => task.parent === parent);
  return own.flatMap((task) => {
    const isContainer = containers.has(task.id);
    const below = isContainer
      ? linesBelow(task.id, { ...level, indent: `${indent}  ` })
      : details(task, `${indent}    `);
    return [`${indent}${lineOf(task, isContainer)}`, ...below];
  });
}

function lineOf(
  { id, title, minutes, dependsOn, isDone }: DraftTask,
  isContainer: boolean,
): string {
  const after = dependsOn.length === 0 ? "" : `, after ${dependsOn.join(", ")}`;
  const size = isContainer
    ? ""
    : ` (${isDone ? "done" : `${sizeOf(minutes)}, ${String(minutes)} min`}${after})`;
  return `${id}: ${title}${isContainer && after !== "" ? ` (${after.slice(2)})` : size}`;
}

function details(
  { scope, operations, accept, validate }: DraftTask,
  indent: string,
): readonly string[] {
  return [
    ...(scope.length === 0 ? [] : [`${indent}files: ${scope.join(", ")}`]),
    ...operations.map(
      ({ action, path, lines }) =>
        `${indent}${action} ${path}${lines === null ? "" : `:${String(lines.from)}-${String(lines.to)}`}`,
    ),
    ...accept.map((text) => `${indent}accept: ${text}`),
    ...validate.map((text) => `${indent}validate with (never run by Skein): ${text}`),
  ];
}

/** A word for so many minutes. */
export function sizeOf(minutes: number): "XS" | "S" | "M" | "L" | "XL" {
  const words = ["XS", "S", "M", "L"] as const;
  const limits = [5, 15, 30, 60];
  return words[limits.findIndex((limit) => minutes <= limit)] ?? "XL";
}

import type { TaskWork } from "./work.ts";

/** The state that a line of the checklist shows: free, in work, done. */
export type Mark = " " | "~" | "x";

/** The checklist that agents without Skein share, as people write it. */
export function writeChecklist(title: string, work: readonly TaskWork[]): string {
  const lines = work.map(({ id, title: text, after }) => {
    const waits = after.length === 0 ? "" : ` (after ${after.join(", ")})`;
    return `- [ ] ${id}: ${text}${waits}`;
  });
  return [
    `# ${title}`,
    "",
    "Take a task that is free: mark it `[~]` and push before you begin, mark it `[x]` and push when your branch is pushed.",
    "",
    ...lines,
    "",
  ].join("\n");
}

/** The mark of each task. */
export function readMarks(text: string): ReadonlyMap<string, Mark> {
  const found = [...text.matchAll(/^- \[([ ~x])\] ([^\s:]+):/gmu)];
  return new Map(
    found.map(([, mark, id = ""]) => [id, mark === "x" || mark === "~" ? mark : " "] as const),
  );
}

/** The checklist with another mark for one task. */
export function withMark(text: string, id: string, mark: Mark): string {
  return text
    .split("\n")
    .map((line) =>
      line.slice(5).startsWith(` ${id}:`) && line.startsWith("- [")
        ? `- [${mark}]${line.slice(5)}`
        : line,
    )
    .join("\n");
}

/** Tasks that are free and whose predecessors are done. */
export function freeTasks(
  work: readonly TaskWork[],
  marks: ReadonlyMap<string, Mark>,
): readonly TaskWork[] {
  return work.filter(
    ({ id, after }) => marks.get(id) === " " && after.every((other) => marks.get(other) === "x"),
  );
}

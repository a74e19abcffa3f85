import type { RunResult } from "./measure.ts";

/** The two runs side by side, as lines for people. */
export function comparisonTable(without: RunResult, withSkein: RunResult): readonly string[] {
  const rows = [
    ["", "without Skein", "with Skein"],
    ["tasks done", count(without.tasks_done), count(withSkein.tasks_done)],
    ["tasks done twice", count(without.duplicated_tasks), count(withSkein.duplicated_tasks)],
    ["merge conflicts", count(without.merge_conflicts), count(withSkein.merge_conflicts)],
    ["lost edits", count(without.lost_edits), count(withSkein.lost_edits)],
    ["agents killed", count(without.killed_agents), count(withSkein.killed_agents)],
    ["wall time", seconds(without.wall_ms), seconds(withSkein.wall_ms)],
    [
      "coordination per task",
      `${String(without.coordination_ms_per_task)} ms`,
      `${String(withSkein.coordination_ms_per_task)} ms`,
    ],
  ] as const;
  const [first, second, third] = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map(
    ([name, left, right]) =>
      `${name.padEnd(first ?? 0)}  ${left.padStart(second ?? 0)}  ${right.padStart(third ?? 0)}`,
  );
}

function count(value: number): string {
  return String(value);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

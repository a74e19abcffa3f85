import type { Priority } from "./plan.ts";

const priorityPoints: Readonly<Record<Priority, number>> = {
  critical: 1000,
  high: 700,
  medium: 400,
  low: 100,
};

/** What the order of hand-out depends on. */
export interface ScoreFacts {
  readonly priority: Priority;
  /** True when it declares dependencies, met or not, or stands in a container that does. */
  readonly hasDependencies: boolean;
  /** Tasks that list it as a dependency. */
  readonly dependents: number;
  readonly minutes: number;
  /** True when another session holds some of its paths. */
  readonly isPathLeased: boolean;
}

/**
 * Scores a task for hand-out, in tenths of a point: the higher, the sooner.
 *
 * Priority 100, 70, 40 or 10 points; 50 without dependencies; 10 a dependent; less a tenth of the minutes, at most 30; less 40 while a
 * path is leased.
 */
export function scoreOf(facts: ScoreFacts): number {
  return (
    priorityPoints[facts.priority] +
    (facts.hasDependencies ? 0 : 500) +
    facts.dependents * 100 -
    Math.min(Math.round(facts.minutes), 300) -
    (facts.isPathLeased ? 400 : 0)
  );
}

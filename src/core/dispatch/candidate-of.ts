import type { Candidate, Task } from "../plans/index.ts";

/** A task as the pick knows it, without what only choosing among many needs. */
export function candidateOf(task: Task, scoreTenths: number): Candidate {
  const { plan, id, title, files, skills, priority, minutes, budgetMicroUsd, attempts, version } =
    task;
  const facts = { plan, id, title, files, skills, priority, minutes, budgetMicroUsd };
  return { ...facts, attempts, version, scoreTenths, age: 0, avoidSession: null, assignedTo: null };
}

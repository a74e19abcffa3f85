/** The plan of an issue of the code host: its tasks are the issue's children. */
export function planIdOf(issue: number): string {
  return `gh-${String(issue)}`;
}

/** The issue of such a plan; null for every other plan. */
export function issueOfPlan(plan: string | null): number | null {
  const found = plan === null ? null : /^gh-([1-9]\d{0,9})$/u.exec(plan);
  return found === null ? null : Number(found[1]);
}

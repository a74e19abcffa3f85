/** The parts of `skein.yml` that models, reviews and drafts go by: what is committed on the default branch counts, whatever a worktree says. */
export const modelParts = [
  "providers",
  "models",
  "review",
  "planner",
  "chains",
  "budgets",
  "profile",
  "features",
] as const;

import { modelParts } from "../model-parts.ts";

/** A section of what counts as committed on the default branch, whatever the worktree says. */
const committedSections: readonly string[] = [
  "checks",
  "integration.checks",
  "generated",
  "branches",
  "budget_usd",
  ...modelParts,
  "rules",
  "github",
  "auth",
];

/** Read in the worktree of whoever asks, though its section is not. */
const ofWorktree: ReadonlySet<string> = new Set(["features.sequential_fallback"]);

/** True for a setting that counts as it is committed on the default branch: an agent could have written the file of a worktree. */
export function countsAsCommitted(name: string): boolean {
  return (
    !ofWorktree.has(name) &&
    committedSections.some((section) => name === section || name.startsWith(`${section}.`))
  );
}

/** What the worktree's file says of these counts beside what is committed: it can add to them, and take nothing away. */
export const addedTo: ReadonlySet<string> = new Set(["integration.checks", "branches.protected"]);

/** Why the variable of a setting does not count, as a sentence; null where it does. */
export function whyNoVariable(name: string): string | null {
  return name === "budget_usd"
    ? "What the project may spend is taken over as committed on the default branch: an agent has variables of its own."
    : null;
}

/** What has to be known of a setting beside its value. */
export function noteOn(name: string, isSet: boolean): string | null {
  if (!isSet) {
    return null;
  }
  if (name.startsWith("server.") || name === "store.url") {
    return "A proposal: it counts once a person here has agreed to it with `skein init`.";
  }
  if (name.startsWith("auth.")) {
    return "It counts for `skein serve --auth`.";
  }
  return name === "profile"
    ? "How many tasks of a plan run at once goes by the committed file alone."
    : null;
}

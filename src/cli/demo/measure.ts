import { createDemoGit, demoEnv } from "./processes.ts";
import type { TaskWork } from "./work.ts";

/** What one run came to; all of it read from git and from the event log. */
export interface RunFigures {
  readonly tasks_done: number;
  /** Tasks that were handed in more than once although no attempt had been sent back. */
  readonly duplicated_tasks: number;
  readonly merge_conflicts: number;
  /** Edits of tasks that count as done which the final tree lacks. */
  readonly lost_edits: number;
  readonly killed_agents: number;
  /** From the start of the agents until the last work has landed. */
  readonly wall_ms: number;
}

/** What of the run is shown to people only. */
export interface RunResult extends RunFigures {
  readonly coordination_ms_per_task: number;
}

/** The edits of the given tasks that the tip of `main` lacks, as `TASK PATH`. */
export async function findLostEdits(
  repository: string,
  work: readonly TaskWork[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const git = createDemoGit(repository, demoEnv(env, "skein"));
  const texts = new Map<string, string>();
  const lost: string[] = [];
  for (const { id, edits } of work) {
    for (const { path, text } of edits) {
      const found = texts.get(path) ?? (await git.attempt("show", `main:${path}`)).stdout;
      texts.set(path, found);
      if (!found.includes(text)) {
        lost.push(`${id} ${path}`);
      }
    }
  }
  return lost;
}

import { inOrder } from "../store/index.ts";
import type { Probe } from "../store/index.ts";
import { limitName } from "./parallel-limit.ts";

/** What a claim asks of plans before it reads anything of them. */
export const planProbes = {
  /** 1 when the session has a claimed task. */
  holdsTask: {
    sql: `SELECT 1 FROM tasks WHERE project = ? AND ${inOrder("session")} AND status = 'claimed' ORDER BY session LIMIT 1`,
    about: ["project", "id", "id"],
  },
  /** 1 when there is a limit of the tasks of a plan that are claimed at once. */
  isLimited: {
    sql: `SELECT 1 FROM plan_limits WHERE project = ? AND name = '${limitName}'`,
    about: ["project"],
  },
} as const satisfies Readonly<Record<string, Probe<"id">>>;

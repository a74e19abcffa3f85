/** What one project may hold, so that it leaves room for the others over the same store. */
export interface ProjectLimits {
  /** The most living sessions; null: no limit. */
  readonly sessions: number | null;
  /** The most tasks that are not ended, in all plans together; null: no limit. */
  readonly openTasks: number | null;
}

export const noLimits: ProjectLimits = { sessions: null, openTasks: null };

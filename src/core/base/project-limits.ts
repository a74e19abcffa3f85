/** What one project may hold, so that it leaves room for the others over the same store. */
export interface ProjectLimits {
  /** The most living sessions; null: no limit. */
  readonly sessions: number | null;
  /** The most tasks that are not ended, in all plans together; null: no limit. */
  readonly openTasks: number | null;
  /** The most live leases beyond those of tasks; null: no limit. */
  readonly leases: number | null;
  /** The most messages that are kept; null: no limit. */
  readonly messages: number | null;
  /** The most events in the live log before no new work is begun; null: no limit. */
  readonly events: number | null;
  /** The most requests a minute over one server, renewals and ends aside; null: no limit. */
  readonly requestsPerMinute: number | null;
}

export const noLimits: ProjectLimits = {
  sessions: null,
  openTasks: null,
  leases: null,
  messages: null,
  events: null,
  requestsPerMinute: null,
};

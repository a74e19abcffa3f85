import { noLimits } from "../core/base/project-limits.ts";
import type { ProjectLimits } from "../core/base/project-limits.ts";
import type { SettingsFile } from "./schema.ts";

/** The limits of projects: those of all, and those that single ones have instead. */
export interface LimitSettings extends ProjectLimits {
  readonly projects: ReadonlyMap<string, Partial<ProjectLimits>>;
}

type Written = NonNullable<SettingsFile["limits"]>;

export function toLimits({ projects = {}, ...all }: Written): LimitSettings {
  const own = Object.entries(projects).map(([name, one]) => [name, toPart(one)] as const);
  return { ...noLimits, ...toPart(all), projects: new Map(own) };
}

function toPart(written: Omit<Written, "projects">): Partial<ProjectLimits> {
  return {
    ...(written.sessions === undefined ? {} : { sessions: written.sessions }),
    ...(written.open_tasks === undefined ? {} : { openTasks: written.open_tasks }),
    ...(written.leases === undefined ? {} : { leases: written.leases }),
    ...(written.messages === undefined ? {} : { messages: written.messages }),
    ...(written.events === undefined ? {} : { events: written.events }),
    ...(written.requests_per_minute === undefined
      ? {}
      : { requestsPerMinute: written.requests_per_minute }),
  };
}

/** The limits of one project by its name in the store. */
export function limitsOf({ projects, ...all }: LimitSettings, project: string): ProjectLimits {
  return { ...all, ...projects.get(project) };
}

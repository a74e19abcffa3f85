import { systemTimer } from "../adapters/process/timer.ts";
import { createEventFeed } from "../core/events/index.ts";
import type { BusHealth, EventFeed } from "../core/events/index.ts";
import {
  asSkeinError,
  createHandleBook,
  createMcpFace,
  createMemoryNotes,
  createRemoteContext,
  remoteProject,
} from "../mcp/index.ts";
import type { Handles, McpFace, Notes, RemoteProject } from "../mcp/index.ts";
import { closeAll } from "../core/base/closing.ts";
import { SkeinError } from "../core/base/errors.ts";
import { cleanLine } from "../core/base/text.ts";
import { httpErrors } from "./errors.ts";
import type { Faults } from "./faults.ts";
import type { ProjectServer, ServedProject } from "../compose-projects.ts";
import { keepProjectBudget } from "../project-budget.ts";
import { limitsOf, settingsErrors } from "../settings.ts";
import { createProjectShare } from "./project-share.ts";
import type { ProjectShare } from "./project-share.ts";

/** A project with what its callers share in this process. */
export interface LiveProject {
  readonly served: ServedProject;
  readonly tools: RemoteProject;
  readonly face: McpFace;
  /** What hooks leave for each other. */
  readonly notes: Notes;
  /** Its log, for many readers at once. */
  readonly feed: EventFeed;
  /** What its callers may ask together. */
  readonly share: ProjectShare;
  handlesOf(principal: string): Handles;
}

export interface LiveProjects {
  /** The project of a name, opened with the first request for it. @throws {SkeinError} SKN-5112 when there is none. */
  get(name: string): Promise<LiveProject>;
  /** Those that are open now. */
  open(): readonly LiveProject[];
  /** What wakes the other processes over the same store, and whether that works. */
  busHealth(): BusHealth;
  /** The code of what keeps models from being asked; null: nothing does. */
  modelsFault(): Promise<string | null>;
  close(): Promise<void>;
}

export interface LiveProjectsDeps {
  readonly projects: ProjectServer;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly faults: Faults;
  readonly hurry: AbortSignal;
  /** Makes the MCP face of each project. Default: that of Skein's tools. */
  readonly createFace?: typeof createMcpFace | undefined;
  /** Told of each project that is opened. Default: nobody. */
  readonly onOpen?: ((project: ServedProject) => void) | undefined;
}

function notHere(project: string): SkeinError {
  return new SkeinError(httpErrors.noProject, {
    message: `This server has no project "${cleanLine(project, 120)}".`,
    facts: { project },
  });
}

/** What no project can be called is no project of this server, as any other name that it does not have. */
async function openNamed(projects: ProjectServer, name: string): Promise<ServedProject> {
  try {
    return await projects.open(name);
  } catch (error) {
    const isNoName = error instanceof SkeinError && error.code === settingsErrors.projectName.code;
    throw isNoName ? notHere(name) : error;
  }
}

export function createLiveProjects(deps: LiveProjectsDeps): LiveProjects {
  const opening = new Map<string, Promise<LiveProject>>();
  const live = new Map<string, LiveProject>();
  const open = async (name: string): Promise<LiveProject> => {
    const served = await openNamed(deps.projects, name);
    if (served.name !== name) {
      // A repository's own file opens under any name; an address means one project.
      throw notHere(name);
    }
    const { repository } = served;
    if (repository !== null) {
      await keepProjectBudget({ ...served, repository }, deps.env);
    }
    const project = bringToLife(served, deps);
    live.set(name, project);
    deps.onOpen?.(served);
    return project;
  };
  return {
    get: async (name) => {
      const known = opening.get(name);
      if (known !== undefined) {
        return known;
      }
      const fresh = open(name);
      opening.set(name, fresh);
      // A store that is away now may be back with the next request.
      fresh.catch(() => opening.delete(name));
      return fresh;
    },
    open: () => [...live.values()],
    busHealth: () => deps.projects.busHealth(),
    modelsFault: async () => {
      try {
        return (await deps.projects.hindranceOfModels())?.code ?? null;
      } catch (error) {
        return asSkeinError(deps.faults, error).code;
      }
    },
    close: async () => {
      await Promise.allSettled(opening.values());
      const each = [...live.values()].flatMap(({ face, tools }) => [
        async () => face.close(),
        async () => tools.closeDesks(),
      ]);
      await closeAll([...each, async () => deps.projects.close()]);
    },
  };
}

function bringToLife(served: ServedProject, deps: LiveProjectsDeps): LiveProject {
  const { env, version, faults, hurry, createFace = createMcpFace } = deps;
  const tools = remoteProject(served, env);
  const book = createHandleBook();
  const watcher = createRemoteContext({
    version,
    hurry,
    caller: {
      session: null,
      externalId: null,
      parentExternalId: null,
      branch: null,
      head: null,
      gitDir: null,
      process: null,
    },
    connection: "watcher",
    person: "person:nobody",
    principal: null,
    handles: book.of("watcher"),
    open: async () => Promise.resolve(tools),
    mayUse: () => undefined,
    under: async (_, work) => work(),
    ...faults,
  });
  return {
    served,
    tools,
    face: createFace(watcher),
    notes: createMemoryNotes(),
    feed: createEventFeed({ ...served.skein, timer: systemTimer }),
    share: shareOf(served),
    handlesOf: (principal) => book.of(principal),
  };
}

function shareOf({ skein, settings }: ServedProject): ProjectShare {
  const { requestsPerMinute } = limitsOf(settings.limits, skein.store.project);
  return createProjectShare(requestsPerMinute, { clock: systemTimer, meter: skein.meter });
}

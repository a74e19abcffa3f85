import {
  createHandleBook,
  createMcpFace,
  createMemoryNotes,
  createRemoteContext,
  remoteProject,
} from "../mcp/index.ts";
import type { Handles, McpFace, Notes, RemoteProject } from "../mcp/index.ts";
import { createEventHub } from "./event-hub.ts";
import type { EventHub } from "./event-hub.ts";
import type { Faults } from "./faults.ts";
import type { ServedProject, ServedProjects } from "./served.ts";

/** A project with what its callers share in this process. */
export interface LiveProject {
  readonly served: ServedProject;
  readonly tools: RemoteProject;
  readonly face: McpFace;
  readonly events: EventHub;
  /** What hooks leave for each other. */
  readonly notes: Notes;
  handlesOf(principal: string): Handles;
}

export interface LiveProjects {
  /** The project of a name, opened with the first request for it; null when there is none. */
  get(name: string): Promise<LiveProject | null>;
  /** Those that are open now. */
  open(): readonly LiveProject[];
  close(): Promise<void>;
}

export interface LiveProjectsDeps {
  readonly projects: ServedProjects;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly faults: Faults;
  readonly hurry: AbortSignal;
}

export function createLiveProjects(deps: LiveProjectsDeps): LiveProjects {
  const opening = new Map<string, Promise<LiveProject | null>>();
  const live = new Map<string, LiveProject>();
  const open = async (name: string): Promise<LiveProject | null> => {
    const served = await deps.projects.open(name);
    if (served === null) {
      opening.delete(name);
      return null;
    }
    const project = bringToLife(served, deps);
    live.set(name, project);
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
    close: async () => {
      await Promise.allSettled(opening.values());
      for (const { events, face, tools, served } of live.values()) {
        events.close();
        await face.close();
        await tools.closeDesks();
        await served.close();
      }
      await deps.projects.close();
    },
  };
}

function bringToLife(served: ServedProject, deps: LiveProjectsDeps): LiveProject {
  const { env, version, faults, hurry } = deps;
  const tools = remoteProject(served.skein, served.composed, env);
  const book = createHandleBook();
  const watcher = createRemoteContext({
    version,
    hurry,
    caller: {
      session: null,
      externalId: null,
      parentExternalId: null,
      branch: null,
      gitDir: null,
    },
    connection: "watcher",
    principal: null,
    person: "person:nobody",
    handles: book.of("watcher"),
    open: async () => Promise.resolve(tools),
    mayUse: () => undefined,
    ...faults,
  });
  return {
    served,
    tools,
    face: createMcpFace(watcher),
    events: createEventHub(served.skein, faults.log),
    notes: createMemoryNotes(),
    handlesOf: (principal) => book.of(principal),
  };
}

import { locateRepository } from "../adapters/git/index.ts";
import type { Repository } from "../adapters/git/index.ts";
import { catalogTool } from "./call-tool.ts";
import { closeAll } from "../core/base/closing.ts";
import type { McpContext } from "./context.ts";
import type { EventFollower, OnEvents } from "./event-follower.ts";
import { asSkeinError } from "./perform-call.ts";
import { refusal } from "./reply.ts";
import type { ProjectSource } from "./project-source.ts";
import type { Leading } from "./forward/local-acts.ts";
import { storeDirOf } from "../store-place.ts";
import type { ServerActs } from "./server-acts.ts";

/** What stands behind a stdio server: the project on this machine, or a server elsewhere. */
export interface Backend {
  readonly acts: ServerActs;
  /** Who may do changes of a store on this machine; null before a choice, and where there is no such store. */
  leading(this: void): Leading | null;
  /** Makes ready what the first call needs; a fault is left to that call. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export interface BackendPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Chosen {
  readonly acts: ServerActs;
  readonly leading: Leading | null;
  readonly isRemote: boolean;
  close(): void | Promise<void>;
}

/** Chooses with the first call; a choice that fails is told by that call, and made anew with the next. */
export function createBackend(
  place: BackendPlace,
  context: McpContext,
  source: ProjectSource,
): Backend {
  let choosing: Promise<Chosen> | null = null;
  let leading: Leading | null = null;
  const chooseOnce = async (): Promise<Chosen> => {
    try {
      const chosen = await chosenFor(place, context);
      ({ leading } = chosen);
      return chosen;
    } catch (error) {
      choosing = null;
      throw error;
    }
  };
  const choose = async (): Promise<Chosen> => (choosing ??= chooseOnce());
  return {
    acts: {
      callTool: async (received) => {
        // What no backend has needs none to be refused.
        catalogTool(received.request.params.name);
        const chosen = await choose().catch((error: unknown) => asSkeinError(context, error));
        return chosen instanceof Error ? refusal(chosen) : chosen.acts.callTool(received);
      },
      readResource: async (uri) => (await choose()).acts.readResource(uri),
      follow: (onEvents) => lateFollower(choose, onEvents),
    },
    leading: () => leading,
    warm: async () => {
      const chosen = await choose().catch(() => null);
      if (chosen?.isRemote === false) {
        await source.warm();
      }
    },
    close: async () => {
      const chosen = await choosing?.catch(() => null);
      await closeAll([async () => chosen?.close(), async () => source.close()]);
    },
  };
}

async function chosenFor(place: BackendPlace, context: McpContext): Promise<Chosen> {
  const repository = locateRepository(place.cwd);
  const remote = await remoteFor(place, context, repository);
  return remote ?? localFor(place, context, repository);
}

/** The project on this machine; with a server over the same file, what changes it is done there. */
async function localFor(
  { env }: BackendPlace,
  context: McpContext,
  repository: Repository | null,
): Promise<Chosen> {
  const { createLocalActs, endLockHolder } = await import("./forward/local-acts.ts");
  const { createLeader } = await import("./forward/leader.ts");
  const { createCandidate } = await import("./forward/candidate.ts");
  const { databaseOf, usesDatabase } = await import("../store-place.ts");
  const storeDir =
    repository === null || usesDatabase(repository, env) ? null : storeDirOf(repository);
  if (storeDir === null) {
    const acts = createLocalActs(context, null);
    return { isRemote: false, acts, leading: null, close: () => undefined };
  }
  const log = (line: string): void => {
    context.log(line);
  };
  const candidate = createCandidate({
    take: async () => (await import("./forward/lead.ts")).takeLead(context, storeDir),
    log,
  });
  const leader = createLeader({
    storeDir,
    env,
    version: context.version,
    onFrozen: (process) => {
      endLockHolder(process, databaseOf(storeDir), log);
    },
    onLost: () => {
      candidate.lost();
    },
  });
  const leading = { leader, candidate };
  return {
    isRemote: false,
    acts: createLocalActs(context, leading),
    leading,
    close: async () => {
      leader.close();
      await candidate.close();
    },
  };
}

/** Null where no server coordinates this clone. */
async function remoteFor(
  { env }: BackendPlace,
  context: McpContext,
  repository: Repository | null,
): Promise<Chosen | null> {
  const { connectServer, findServer } = await import("../compose-server.ts");
  const storeDir = repository === null ? null : storeDirOf(repository);
  const server = findServer({ storeDir, env });
  if (server === null) {
    return null;
  }
  const { createRemoteActs } = await import("./forward/remote.ts");
  const { base } = server.address;
  const client = connectServer(server, env, (isThere) => {
    context.log(
      isThere
        ? `server: ${base} answers again`
        : `server: ${base} cannot be reached; until it answers, calls try once and say so`,
    );
  });
  return {
    isRemote: true,
    leading: null,
    acts: createRemoteActs({ client, repository, context }),
    close: () => {
      client.close();
    },
  };
}

/** A follower of what is not chosen yet. */
function lateFollower(choose: () => Promise<Chosen>, onEvents: OnEvents): EventFollower {
  let follower: EventFollower | null = null;
  let isStopped = false;
  return {
    start: async () => {
      const { acts } = await choose();
      if (!isStopped) {
        follower ??= acts.follow(onEvents);
        await follower.start();
      }
    },
    stop: () => {
      isStopped = true;
      follower?.stop();
    },
  };
}

import type { Server } from "@modelcontextprotocol/server";
import type { ToldEvent } from "./event-follower.ts";
import type { ServerActs } from "./server-acts.ts";

/** Tells a client of changes to the resources it subscribed to. Nothing is watched before the first subscription. */
export interface Feed {
  subscribe(uri: string): Promise<void>;
  unsubscribe(uri: string): void;
  /**
   * Tells of every change; whoever stands between chooses. A client goes on before its subscription stands: what changed in between is told
   * by a first notice of each resource that it named.
   */
  subscribeToAll(uris: readonly string[]): Promise<void>;
  close(): void;
}

export function createFeed({ follow }: Pick<ServerActs, "follow">, server: Server): Feed {
  const uris = new Set<string>();
  let wantsAll = false;
  const follower = follow(async (events) => {
    for (const uri of touchedUris(events)) {
      if (wantsAll || uris.has(uri)) {
        await server.sendResourceUpdated({ uri });
      }
    }
  });
  return {
    subscribe: async (uri) => {
      uris.add(uri);
      await follower.start();
    },
    unsubscribe: (uri) => {
      uris.delete(uri);
    },
    subscribeToAll: async (named) => {
      wantsAll = true;
      await follower.start();
      for (const uri of named) {
        await server.sendResourceUpdated({ uri });
      }
    },
    close: () => {
      follower.stop();
    },
  };
}

/** The addresses whose content some events changed. */
export function touchedUris(events: readonly Pick<ToldEvent, "changes">[]): ReadonlySet<string> {
  const uris = new Set<string>(events.length === 0 ? [] : ["skein://board", "skein://events"]);
  for (const { entity, id } of events.flatMap(({ changes }) => changes)) {
    if (entity === "plan") {
      uris.add(`skein://plan/${id}`);
    } else if (entity === "task") {
      uris.add(`skein://task/${id}`);
      uris.add(`skein://plan/${id.split("/", 1).join("")}`);
    }
  }
  return uris;
}

import type * as Redis from "redis";

import { SkeinError } from "../../core/base/errors.ts";
import { within } from "./carrier.ts";
import { busErrors } from "./errors.ts";

/** One connection to a Redis server, as far as the bus needs it. */
export interface RedisClient {
  /** Sends one command; answers are texts, numbers, null and lists of these. */
  send(command: readonly string[]): Promise<unknown>;
  /** Cuts the connection; whatever waits for an answer fails. */
  destroy(): void;
}

/** Opens a connection, or rejects within some seconds. */
export type OpenRedis = (url: string) => Promise<RedisClient>;

/** Opens a connection with the package `redis`, which is loaded only here. @throws {SkeinError} SKN-2181, SKN-2182. */
export const openRedis: OpenRedis = async (url) => {
  if (!/^rediss?:\/\/\S+$/u.test(url)) {
    throw new SkeinError(busErrors.noAddress);
  }
  const { createClient } = await loadRedis();
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    // Whoever uses the connection makes a new one: so it knows what may have been missed.
    socket: { connectTimeout: 2_000, reconnectStrategy: false },
  });
  // Unheard, a broken connection would end the process; whoever waits for an answer is told by its failure.
  client.on("error", () => {});
  try {
    // The limit of the socket holds for its connection alone: a server that stands still takes it and says nothing.
    await within(openMs, client.connect());
  } catch (error) {
    destroy(client);
    throw error;
  }
  return {
    send: async (command) => client.sendCommand(command),
    destroy: () => {
      destroy(client);
    },
  };
};

/** How long a connection may take until it can be used, in milliseconds. */
const openMs = 4_000;

function destroy(client: Pick<Redis.RedisClientType, "destroy" | "isOpen">): void {
  // A second time it throws.
  if (client.isOpen) {
    client.destroy();
  }
}

async function loadRedis(): Promise<typeof Redis> {
  try {
    return await import("redis");
  } catch (cause) {
    throw new SkeinError(busErrors.noClient, {
      message: "The package `redis` cannot be loaded.",
      fix: "Install redis beside Skein: `npm install redis`.",
      cause,
    });
  }
}

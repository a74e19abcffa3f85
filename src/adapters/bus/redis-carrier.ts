import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import { createPauses, reasonOf, within } from "./carrier.ts";
import type { Carrier, Ear } from "./carrier.ts";
import { openRedis } from "./redis-client.ts";
import type { OpenRedis, RedisClient } from "./redis-client.ts";
import { latestOf, newestId, readStream } from "./redis-stream.ts";

export interface RedisCarrierOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** The stream's key. Default `skein:bell`. */
  readonly key?: string | undefined;
  /** Opens a connection. Default: the package `redis`. */
  readonly open?: OpenRedis | undefined;
}

/** The stream keeps about so many rings: whoever is further behind reads the log anyway. */
const keptRings = "1000";

/** How long the server holds an answer back when there is nothing new, in milliseconds. */
const blockMs = 2_000;

/** How long an answer may take beyond that. */
const patienceMs = 2_000;

/** Carries rings by one Redis stream, which all processes read, each by itself. */
export function createRedisCarrier(options: RedisCarrierOptions): Carrier {
  const { url, key = "skein:bell", open = openRedis } = options;
  const sender = randomBytes(6).toString("hex");
  const writer = createWriter(url, open);
  let hearing: { end(): Promise<void> } | null = null;
  return {
    kind: "redis",
    send: async (projects) => {
      const rings = projects.map((project) => [
        "XADD",
        key,
        "MAXLEN",
        "~",
        keptRings,
        "*",
        sender,
        project,
      ]);
      await writer.sendAll(rings);
    },
    listen: (ear) => {
      hearing ??= hear({ url, key, open, sender, ear });
    },
    deafen: async () => {
      const ending = hearing;
      hearing = null;
      await ending?.end();
    },
    close: async () => {
      writer.close();
      await hearing?.end();
    },
  };
}

interface Writer {
  sendAll(commands: readonly (readonly string[])[]): Promise<void>;
  close(): void;
}

/** One connection for all that is sent, made anew after a fault. */
function createWriter(url: string, open: OpenRedis): Writer {
  let opening: Promise<RedisClient> | null = null;
  const drop = async (failed: Promise<RedisClient>): Promise<void> => {
    opening = opening === failed ? null : opening;
    const client = await failed.catch(() => null);
    client?.destroy();
  };
  return {
    sendAll: async (commands) => {
      opening ??= open(url);
      const current = opening;
      try {
        const client = await current;
        await within(
          patienceMs,
          Promise.all(commands.map(async (command) => client.send(command))),
        );
      } catch (error) {
        await drop(current);
        throw error;
      }
    },
    close: () => {
      if (opening !== null) {
        void drop(opening);
      }
    },
  };
}

interface HearOptions {
  readonly url: string;
  readonly key: string;
  readonly open: OpenRedis;
  readonly sender: string;
  readonly ear: Ear;
}

function hear(options: HearOptions): { end(): Promise<void> } {
  const ending = new AbortController();
  const isOver = (): boolean => ending.signal.aborted;
  const stay = async (): Promise<void> => {
    const pauses = createPauses();
    while (!isOver()) {
      try {
        await listenOnce(options, ending.signal, () => {
          pauses.reset();
        });
      } catch (error) {
        if (!isOver()) {
          options.ear.onFault(reasonOf(error));
        }
      }
      await pause(pauses.nextMs(), null, { signal: ending.signal, ref: false }).catch(() => {});
    }
  };
  const staying = stay();
  return {
    end: async () => {
      ending.abort();
      await staying;
    },
  };
}

/** Reads on one connection until it breaks, which throws, or until the signal aborts. */
async function listenOnce(
  { url, key, open, sender, ear }: HearOptions,
  signal: AbortSignal,
  onOpen: () => void,
): Promise<void> {
  const client = await open(url);
  const leave = (): void => {
    client.destroy();
  };
  signal.addEventListener("abort", leave);
  try {
    let seen = await within(patienceMs, newestId(client, key));
    onOpen();
    ear.onFault(null);
    // What was rung while nobody heard.
    ear.onRing(null);
    while (!signal.aborted) {
      const rings = await within(
        blockMs + patienceMs,
        readStream(client, { key, after: seen, blockMs }),
      );
      for (const { from, project } of rings.filter((ring) => ring.from !== sender)) {
        ear.onRing(from === null ? null : project);
      }
      const next = rings.at(-1)?.id ?? (await within(patienceMs, latestOf(client, key, seen)));
      if (rings.length === 0 && next !== seen) {
        // The stream was deleted meanwhile, and what it held is not known.
        ear.onRing(null);
      }
      seen = next;
    }
  } finally {
    signal.removeEventListener("abort", leave);
    client.destroy();
  }
}

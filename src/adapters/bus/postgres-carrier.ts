import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type * as Pg from "pg";

import { SkeinError } from "../../core/base/errors.ts";
import type { PostgresPool } from "../../core/store/index.ts";
import { createPauses, reasonOf, within } from "./carrier.ts";
import type { Carrier, Ear } from "./carrier.ts";
import { busErrors } from "./errors.ts";

export interface PostgresCarrierOptions {
  /** The address of the server itself: behind a PgBouncer in transaction mode nobody can listen. */
  readonly url: string;
  /** Sends rings while there is no connection of its own; also proves that what is sent from elsewhere arrives. */
  readonly pool: PostgresPool;
  /** Default `skein_bell`. */
  readonly channel?: string | undefined;
  /** How often to prove that rings arrive, in milliseconds. Default 5,000. */
  readonly proofMs?: number | undefined;
}

/** How long an answer of the server, or a proof, may be under way, in milliseconds. */
const answerPatienceMs = 2_000;

/** Every value is a parameter, so the text is the same for each burst. */
const notify = "SELECT pg_notify($1, value) FROM json_array_elements_text($2::json)";

/**
 * Carries rings by NOTIFY, after the commit and in a transaction of its own: inside the transaction of a change it would make all
 * commits of the server wait for each other.
 */
export function createPostgresCarrier(options: PostgresCarrierOptions): Carrier {
  const { pool, channel = "skein_bell" } = options;
  const sender = randomBytes(6).toString("hex");
  let hearing: Hearing | null = null;
  return {
    kind: "postgres",
    send: async (projects) => {
      const payloads = JSON.stringify(projects.map((project) => `${sender}:${project}`));
      const client = hearing?.client() ?? null;
      if (client === null) {
        await sendByPool(pool, [channel, payloads]);
      } else {
        await client.query(notify, [channel, payloads]);
      }
    },
    listen: (ear) => {
      hearing ??= hear({ ...options, channel, sender, ear });
    },
    deafen: async () => {
      const ending = hearing;
      hearing = null;
      await ending?.end();
    },
    close: async () => {
      await hearing?.end();
    },
  };
}

async function sendByPool(pool: PostgresPool, values: [string, string]): Promise<void> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query({ text: notify, values });
    isBroken = false;
  } finally {
    client.release(isBroken);
  }
}

interface HearOptions extends PostgresCarrierOptions {
  readonly channel: string;
  readonly sender: string;
  readonly ear: Ear;
}

interface Hearing {
  /** The open connection, or null. */
  client(): Pg.Client | null;
  end(): Promise<void>;
}

function hear(options: HearOptions): Hearing {
  const { ear } = options;
  const ending = new AbortController();
  let open: Pg.Client | null = null;

  async function stay(): Promise<void> {
    const pauses = createPauses();
    while (!ending.signal.aborted) {
      try {
        await listenOnce(options, ending.signal, (client) => {
          open = client;
          pauses.reset();
        });
      } catch (error) {
        ear.onFault(reasonOf(error));
      }
      open = null;
      await pause(pauses.nextMs(), null, { signal: ending.signal, ref: false }).catch(() => {});
    }
  }

  const staying = stay();
  return {
    client: () => open,
    end: async () => {
      ending.abort();
      await staying;
    },
  };
}

/** Listens on one connection until it breaks, which throws, or until the signal aborts. */
async function listenOnce(
  { url, pool, channel, sender, ear, proofMs = 5_000 }: HearOptions,
  signal: AbortSignal,
  onOpen: (client: Pg.Client) => void,
): Promise<void> {
  const { Client } = await loadPg();
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    keepAlive: true,
    application_name: "skein bus",
  });
  const proofs = createProofs(sender);
  const { broken, forget } = breakageOf(client, signal);
  client.on("notification", ({ payload = "" }) => {
    const project = proofs.projectOf(payload);
    if (project !== null) {
      ear.onRing(project);
    }
  });
  try {
    await Promise.race([broken, client.connect()]);
    const listening = client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    await Promise.race([broken, within(answerPatienceMs, listening)]);
    onOpen(client);
    // What was rung while nobody heard.
    ear.onRing(null);
    do {
      await Promise.race([broken, prove({ pool, channel, proofs })]);
      ear.onFault(null);
      await Promise.race([broken, pause(proofMs, null, { ref: false })]);
    } while (!signal.aborted);
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    forget();
    await letGo(client);
  }
}

interface Breakage {
  /** Rejects when the connection breaks, or the signal aborts. */
  readonly broken: Promise<never>;
  /** Leaves nothing at the signal, which outlives many connections. */
  forget(this: void): void;
}

function breakageOf(client: Pg.Client, signal: AbortSignal): Breakage {
  const over = new AbortController();
  const broken = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", reject, { once: true, signal: over.signal });
    client.once("error", reject);
    client.once("end", () => {
      reject(new Error("the connection ended"));
    });
  });
  broken.catch(() => {});
  return {
    broken,
    forget: () => {
      over.abort();
    },
  };
}

/** A connection whose other end is silent is not waited for. */
async function letGo(client: Pg.Client): Promise<void> {
  client.on("error", () => {});
  await within(250, client.end()).catch(() => {
    destroySocket(client);
  });
}

/** The driver has no word for it: its socket is found by its shape. */
function destroySocket(client: object): void {
  const stream = partOf(partOf(client, "connection"), "stream");
  const destroy = partOf(stream, "destroy");
  if (typeof destroy === "function") {
    destroy.call(stream);
  }
}

function partOf(whole: unknown, name: string): unknown {
  return typeof whole === "object" && whole !== null ? Reflect.get(whole, name) : undefined;
}

interface Proofs {
  /** The project of a ring of another process; null for those of this one. Takes proofs, too. */
  projectOf(payload: string): string | null;
  /** A new proof: what to send, and when it has come back. */
  begin(): { readonly payload: string; readonly arrived: Promise<void> };
}

/** A payload is the sender's name, a colon, and a project; or the sender's name, a question mark and a number. */
function createProofs(sender: string): Proofs {
  let count = 0;
  let waiting: { readonly payload: string; readonly arrive: () => void } | null = null;
  return {
    projectOf: (payload) => {
      if (waiting?.payload === payload) {
        waiting.arrive();
        return null;
      }
      const colon = payload.indexOf(":");
      return colon < 0 || payload.slice(0, colon) === sender ? null : payload.slice(colon + 1);
    },
    begin: () => {
      count += 1;
      const payload = `${sender}?${String(count)}`;
      const arrived = new Promise<void>((resolve) => {
        waiting = { payload, arrive: resolve };
      });
      return { payload, arrived };
    },
  };
}

interface Proof {
  readonly pool: PostgresPool;
  readonly channel: string;
  readonly proofs: Proofs;
}

/** Sends something to itself on another connection. @throws {Error} when it does not arrive. */
async function prove({ pool, channel, proofs }: Proof): Promise<void> {
  const { payload, arrived } = proofs.begin();
  await sendByPool(pool, [channel, JSON.stringify([payload])]);
  try {
    await within(answerPatienceMs, arrived);
  } catch {
    throw new Error(
      "what is notified does not arrive; if the address is that of a pooler, set `bus.url` to the server itself",
    );
  }
}

async function loadPg(): Promise<typeof Pg> {
  try {
    return await import("pg");
  } catch (cause) {
    throw new SkeinError(busErrors.noClient, {
      message: "The package `pg` cannot be loaded.",
      fix: "Install pg beside Skein: `npm install pg`.",
      cause,
    });
  }
}

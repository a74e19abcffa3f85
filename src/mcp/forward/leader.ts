import { join } from "node:path";
import { readLocalServer, stateOf } from "../../adapters/server/local-server.ts";
import type { LocalServer } from "../../adapters/server/local-server.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { parseServerAddress } from "../../adapters/server/index.ts";
import type { ServerClient } from "../../adapters/server/index.ts";
import { connectServer } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { databaseOf } from "../../store-place.ts";

/** A server on this machine that writes this store for everybody: with it many writers share one wait for the disk. */
export interface Leader {
  /**
   * Has the leader do a call; null when there is none, or it is gone, frozen or about to end: then the call is to be done on the file,
   * under the same key. @throws {SkeinError} what the call itself came to.
   */
  ask(call: LeaderCall): Promise<LooseObject | null>;
  close(): void;
}

export interface LeaderCall {
  readonly tool: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** True for a call that may wait long for its answer. */
  readonly isWaiting: boolean;
  readonly signal: AbortSignal;
}

export interface LeaderPlace {
  readonly storeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Only a server of the same version is asked. */
  readonly version: string;
  /** Is told that the leader is frozen, before the call is done on the file. */
  readonly onFrozen: (server: LocalServer) => void;
}

/** A leader that failed is left alone for so long. */
const restMs = 1_000;

/** How often a leader that has not answered yet is looked at. */
const lookMs = 40;

/** A leader that runs, answers nothing for so long and does not say that it lives either, counts as frozen. */
const silentMs = 120;
const pingMs = 80;

interface Known {
  readonly server: LocalServer;
  readonly client: ServerClient;
}

export function createLeader(place: LeaderPlace): Leader {
  const file = join(place.storeDir, "serve.json");
  let known: Known | null = null;
  let restUntilMs = 0;
  const find = (): Known | null => {
    if (performance.now() < restUntilMs) {
      return null;
    }
    const server = readLocalServer(file);
    if (server === null || !isOurs(server, place) || stateOf(server) !== "running") {
      return null;
    }
    if (known?.server.pid !== server.pid || known.server.url !== server.url) {
      known?.client.close();
      known = { server, client: clientOf(server, place.env) };
    }
    return known;
  };
  return {
    ask: async (call) => {
      const leader = find();
      if (leader === null) {
        return null;
      }
      const outcome = await askWatched(leader, call);
      if (outcome.kind === "answered") {
        return outcome.answer;
      }
      restUntilMs = performance.now() + restMs;
      if (outcome.isFrozen) {
        place.onFrozen(leader.server);
      }
      return null;
    },
    close: () => {
      known?.client.close();
    },
  };
}

function isOurs({ version, store }: LocalServer, place: LeaderPlace): boolean {
  return version === place.version && store === databaseOf(place.storeDir);
}

function clientOf({ url, tokenFile }: LocalServer, env: LeaderPlace["env"]): ServerClient {
  const address = parseServerAddress(url);
  return connectServer({ address, tokenReference: `file:${tokenFile}` }, env);
}

type Outcome =
  | { readonly kind: "answered"; readonly answer: LooseObject }
  | { readonly kind: "lost"; readonly isFrozen: boolean };

/** Asks, and looks at the leader's process as long as it has not answered. */
async function askWatched({ server, client }: Known, call: LeaderCall): Promise<Outcome> {
  const over = new AbortController();
  const asked = askOnce(client, call, AbortSignal.any([over.signal, call.signal]));
  try {
    return await Promise.race([asked, frozenAt({ server, client }, call, over.signal)]);
  } finally {
    over.abort();
    asked.catch(() => undefined);
  }
}

async function askOnce(
  client: ServerClient,
  { tool, body, headers }: LeaderCall,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const answer = await client.ask(`api/v1/tools/${tool}`, {
      body,
      headers,
      isRepeatable: false,
      patienceMs: 0,
      signal,
    });
    return { kind: "answered", answer };
  } catch (error) {
    if (error instanceof SkeinError && !isOfTheWay(error)) {
      throw error;
    }
    return { kind: "lost", isFrozen: false };
  }
}

/** What says nothing of the call itself: the server is away, busy, ending, or does not know this machine's token. */
function isOfTheWay({ kind, code }: SkeinError): boolean {
  return kind === "unavailable" || kind === "timeout" || /^SKN-(?:[02]9|39)[23]\d$/u.test(code);
}

/** Resolves when the leader's process stands still or is gone; never while it lives and moves. */
async function frozenAt(
  { server, client }: Known,
  { isWaiting }: LeaderCall,
  signal: AbortSignal,
): Promise<Outcome> {
  const startMs = performance.now();
  for (;;) {
    await systemTimer.sleep(lookMs, signal);
    if (signal.aborted) {
      return new Promise<never>(() => undefined);
    }
    const state = stateOf(server);
    if (state !== "running") {
      return { kind: "lost", isFrozen: state === "frozen" };
    }
    const isSilent = !isWaiting && performance.now() - startMs > silentMs;
    if (isSilent && !(await lives(client, signal))) {
      return { kind: "lost", isFrozen: false };
    }
  }
}

async function lives(client: ServerClient, signal: AbortSignal): Promise<boolean> {
  try {
    const late = AbortSignal.any([signal, AbortSignal.timeout(pingMs)]);
    await client.ask("/livez", {
      body: null,
      isRepeatable: true,
      patienceMs: 0,
      silenceMs: pingMs,
      signal: late,
    });
    return true;
  } catch (error) {
    // An answer of any kind is a sign of life.
    return error instanceof SkeinError && error.kind !== "unavailable";
  }
}

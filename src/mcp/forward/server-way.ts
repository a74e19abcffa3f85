import { callerHeaders } from "../../adapters/server/caller-headers.ts";
import { parseServerAddress } from "../../adapters/server/index.ts";
import type { ServerClient } from "../../adapters/server/index.ts";
import { stateOf } from "../../adapters/server/local-server.ts";
import type { LocalServer } from "../../adapters/server/local-server.ts";
import { silence } from "../../adapters/server/silence.ts";
import type { Silence } from "../../adapters/server/silence.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { connectServer } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { reply } from "../reply.ts";
import type { LeaderCall, Way, WayAnswer } from "./way.ts";

/** How often a leader that has not answered yet is looked at. */
const lookMs = 40;

interface Known {
  readonly server: LocalServer;
  readonly client: ServerClient;
  readonly patience: Silence;
}

/** The way to `skein serve` on this machine, over HTTP. */
export function wayToServer(
  server: LocalServer,
  env: Readonly<Record<string, string | undefined>>,
  patience: Silence = silence,
): Way {
  const address = parseServerAddress(server.url);
  const client = connectServer({ address, tokenReference: `file:${server.tokenFile}` }, env);
  return {
    process: server,
    isOpen: () => true,
    ask: async (call) => askWatched({ server, client, patience }, call),
    askText: null,
    hand: null,
    close: () => {
      client.close();
    },
  };
}

/** Asks, and looks at the leader's process as long as it has not answered. */
async function askWatched(known: Known, call: LeaderCall): Promise<WayAnswer> {
  const over = new AbortController();
  const asked = askOnce(known.client, call, AbortSignal.any([over.signal, call.signal]));
  try {
    return await Promise.race([asked, frozenAt(known, call, over.signal)]);
  } finally {
    over.abort();
    asked.catch(() => undefined);
  }
}

async function askOnce(
  client: ServerClient,
  { tool, body, caller }: LeaderCall,
  signal: AbortSignal,
): Promise<WayAnswer> {
  try {
    const answer = await client.ask(`api/v1/tools/${tool}`, {
      body,
      headers: callerHeaders(caller),
      isRepeatable: false,
      patienceMs: 0,
      signal,
    });
    return { kind: "answered", result: reply(answer) };
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
  { server, client, patience }: Known,
  { isWaiting }: LeaderCall,
  signal: AbortSignal,
): Promise<WayAnswer> {
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
    const isSilent = !isWaiting && performance.now() - startMs > patience.silentMs;
    if (isSilent && !(await lives(client, patience, signal))) {
      return { kind: "lost", isFrozen: false };
    }
  }
}

async function lives(
  client: ServerClient,
  { pingMs }: Silence,
  signal: AbortSignal,
): Promise<boolean> {
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

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { listen } from "../../adapters/leading/listener.ts";
import type { Listener } from "../../adapters/leading/listener.ts";
import { freshSocket, seatFile } from "../../adapters/leading/place.ts";
import { takeSeat } from "../../adapters/leading/seat.ts";
import type { HeldSeat } from "../../adapters/leading/seat.ts";
import { readLocalServer, stateOf } from "../../adapters/server/local-server.ts";
import { closingOnFailure } from "../../core/base/closing.ts";
import { databaseOf } from "../../store-place.ts";
import type { McpContext } from "../context.ts";
import { createHandleBook } from "../handles.ts";
import { createHandedCalls } from "./handed-calls.ts";
import { createHandedLines } from "./handed-lines.ts";

/** This process as the one that leads. */
export interface Lead {
  /** True once it leads no more. */
  isOver(): boolean;
  /** Finishes what it has begun, and gives up the seat. */
  close(): Promise<void>;
}

/** How often the leader looks whether it still is, and how long it leads when nobody asks it, in milliseconds. */
const lookMs = 1_000;
const idleMs = 30_000;

/** How long calls in work may take when the lead ends. */
const graceMs = 4_000;

/** Takes the lead among the processes of a store; null when another has it. Rejects where the system lets this process listen nowhere. */
export async function takeLead(context: McpContext, storeDir: string): Promise<Lead | null> {
  if (isServed(storeDir)) {
    return null;
  }
  const socket = freshSocket(storeDir);
  const key = randomBytes(32).toString("base64url");
  const ending = new AbortController();
  const handles = createHandleBook().of("handed");
  const listener = await listen({
    socket,
    key,
    serve: createHandedCalls(context, ending.signal, handles),
    serveLine: createHandedLines(context, handles),
  });
  const said = { socket, key, version: context.version, store: databaseOf(storeDir) };
  const seat = await closingOnFailure(
    async () => listener.close(0),
    async () => Promise.resolve(takeSeat(seatFile(storeDir), said)),
  );
  if (seat === null) {
    await listener.close(0);
    return null;
  }
  context.log("this process writes for those that share the store");
  return lead({ listener, seat, ending, isServed: () => isServed(storeDir) });
}

interface LeadParts {
  readonly listener: Listener;
  readonly seat: HeldSeat;
  readonly ending: AbortController;
  isServed(this: void): boolean;
}

function lead({ listener, seat, ending, isServed: served }: LeadParts): Lead {
  let closing: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    clearInterval(timer);
    seat.leave();
    ending.abort();
    await listener.close(graceMs);
  };
  const close = async (): Promise<void> => {
    closing ??= end();
    await closing;
  };
  const timer = setInterval(() => {
    const isIdle = performance.now() - listener.lastAskedMs() > idleMs;
    if (isIdle || served() || !seat.renew()) {
      void close();
    }
  }, lookMs).unref();
  return { isOver: () => closing !== null, close };
}

/** True where a server leads, which people started. */
function isServed(storeDir: string): boolean {
  const server = readLocalServer(join(storeDir, "serve.json"));
  return server !== null && server.store === databaseOf(storeDir) && stateOf(server) === "running";
}

import type { EventEmitter } from "node:events";
import type { ServerLog } from "./log/server-log.ts";
import type { HttpServer } from "./server.ts";

/** New requests are taken for this long after the signal, so that whoever spreads them hears of the end first. */
const noticeMs = 1_000;
const drainMs = 23_000;
/** What does not end by then never will. */
const lastMs = 25_000;

export interface Ending {
  /** Where signals and last errors come from: `process`. */
  readonly signals: EventEmitter;
  readonly log: ServerLog["line"];
  readonly logFault: ServerLog["fault"];
  /** Called when the server has ended, however that went. */
  readonly takeAway: () => void;
}

/** Serves until a signal, and ends in order; false when calls had to be cut off. @throws what keeps the stores from being closed. */
export async function untilToldToEnd(
  server: Pick<HttpServer, "drain">,
  { signals, log, logFault, takeAway }: Ending,
): Promise<boolean> {
  await new Promise<void>((resolve) => {
    signals.once("SIGTERM", resolve);
    signals.once("SIGINT", resolve);
    for (const fault of ["uncaughtException", "unhandledRejection"]) {
      signals.on(fault, (error: unknown) => {
        const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
        logFault(`unexpected: ${detail}`);
      });
    }
  });
  log("ending: finishing what has begun");
  // A second signal, or a store that never answers, ends the process all the same.
  const last = setTimeout(() => process.exit(1), lastMs);
  last.unref();
  signals.once("SIGTERM", () => process.exit(1));
  signals.once("SIGINT", () => process.exit(1));
  try {
    const isWhole = await server.drain({ noticeMs, withinMs: drainMs });
    log(isWhole ? "ended" : "ended; some calls were cut off");
    return isWhole;
  } finally {
    clearTimeout(last);
    takeAway();
  }
}

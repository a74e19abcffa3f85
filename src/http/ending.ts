import type { EventEmitter } from "node:events";
import type { ServerLog } from "./log/server-log.ts";
import type { HttpServer } from "./server.ts";

/** New requests are taken for this long after the signal, so that whoever spreads them hears of the end first. */
const noticeMs = 1_000;
const drainMs = 23_000;
/** What does not end by then never will. */
const lastMs = 25_000;

export interface Ending {
  /** Where signals come from: `process`. */
  readonly signals: EventEmitter;
  /** What `hearOfEnd` answered. */
  readonly told: Promise<void>;
  readonly log: ServerLog["line"];
  /** Called when the server has ended, however that went. */
  readonly takeAway: () => void;
}

export interface Hearing {
  /** Where signals and last errors come from: `process`. */
  readonly signals: EventEmitter;
  readonly logFault: ServerLog["fault"];
}

/** Listens from now on for the signal to end, and tells of last errors. To be called before anybody hears that the server listens: who hears it may end it. */
export async function hearOfEnd({ signals, logFault }: Hearing): Promise<void> {
  for (const fault of ["uncaughtException", "unhandledRejection"]) {
    signals.on(fault, (error: unknown) => {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      logFault(`unexpected: ${detail}`);
    });
  }
  await new Promise<void>((resolve) => {
    signals.once("SIGTERM", resolve);
    signals.once("SIGINT", resolve);
  });
}

/** Serves until a signal, and ends in order; false when calls had to be cut off. @throws what keeps the stores from being closed. */
export async function untilToldToEnd(
  server: Pick<HttpServer, "drain">,
  { signals, told, log, takeAway }: Ending,
): Promise<boolean> {
  await told;
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

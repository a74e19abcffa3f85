import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createApp } from "../adapters/github/index.ts";
import type { App } from "../adapters/github/index.ts";
import { createTimeSource, systemRandom, wallClock } from "../adapters/process/clock.ts";
import { systemTimer } from "../adapters/process/timer.ts";
import { SkeinError } from "../core/base/errors.ts";
import { createDeliveries, deliveryMigrations } from "../core/hosting/index.ts";
import type { Deliveries } from "../core/hosting/index.ts";
import { openSqliteStore, tellingLongLine } from "../core/store/index.ts";
import type { TellLongLine } from "../core/store/index.ts";
import { boundsOf } from "../provider-bounds.ts";
import type { ProviderBounds } from "../provider-bounds.ts";
import { trustedProviders } from "../settings.ts";
import { createDoor } from "./app/door.ts";
import { appErrors } from "./app/errors.ts";
import { listen } from "./app/listen.ts";
import { createAppLog } from "./app/log.ts";
import type { AppLog, WriteLine } from "./app/log.ts";
import { appManifest } from "./app/manifest.ts";
import { openProbot } from "./app/probot.ts";
import { reconcile } from "./app/reconcile.ts";
import { createRuns } from "./app/run-delivery.ts";
import type { Run } from "./app/run-delivery.ts";
import { createWorker } from "./app/worker.ts";
import type { WorkerOptions } from "./app/worker.ts";
import type { BotEnv } from "./context.ts";
import type { HandlerTable } from "./dispatch.ts";

/** How the App is run. */
export interface BotOptions {
  /** Default loopback: a tunnel or proxy stands in front. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where deliveries are kept; made when it is missing. */
  readonly dataDir: string;
  /** As `https://bot.example`: where GitHub reaches it. Null: by loopback names only. */
  readonly publicUrl: string | null;
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  /** One; two while it is replaced. */
  readonly webhookSecrets: readonly string[];
  /** As `https://api.github.com`, or `https://github.example/api/v3`. */
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly userAgent: string;
  /** What handlers see: without the App's own secrets. */
  readonly env: BotEnv;
  readonly handlers: HandlerTable;
  /** Deliveries at once. Default 2. */
  readonly atOnce?: number | undefined;
  /** Between two looks for what was missed, in milliseconds. Default 5 minutes. */
  readonly reconcileMs?: number | undefined;
  readonly write: WriteLine;
}

export interface RunningBot {
  readonly port: number;
  readonly deliveries: Deliveries;
  /** Looks now for what was missed. */
  reconcile(): Promise<void>;
  /** Takes nothing more, ends what is running or puts it back, and closes. */
  stop(): Promise<void>;
}

const now = (): number => wallClock.nowMs();

const leaseMs = 30_000;
/** Less than a process is given to end. */
const graceMs = 8_000;
const usualReconcileMs = 5 * 60_000;

/**
 * Starts the App: a door that stores, a worker that works, and a look for what was missed.
 *
 * @throws {SkeinError} SKN-1691 and SKN-2005 for bounds that are written wrongly, SKN-2691 without Probot, SKN-2692 for a weak secret, SKN-7691 for a port in use.
 */
export async function openBot(options: BotOptions): Promise<RunningBot> {
  checkSecrets(options.webhookSecrets);
  const log = createAppLog(options.write, now);
  const ending = new AbortController();
  const work = await openRuns(options, openApp(options), log);
  const store = await openQueue(options.dataDir, log.forHandlers.warn);
  const deliveries = createDeliveries(store);
  const worker = createWorker({ deliveries, work, ...workerSettings(options, log) });
  const { wake } = worker;
  const door = await listen(doorOf(options, { deliveries, log, wake }), options);
  const looker = openApp(options, ending.signal);
  const look = async (): Promise<void> =>
    lookAround({ app: looker, deliveries, log, wake, signal: ending.signal });
  const working = worker.run(ending.signal);
  const looking = keepLooking(look, options.reconcileMs ?? usualReconcileMs, ending.signal);
  log.say("started", { host: options.host, port: door.port });
  return {
    port: door.port,
    deliveries,
    reconcile: look,
    stop: async () => {
      ending.abort();
      await Promise.all([door.close(), working, looking]);
      await store.close();
      log.say("stopped");
    },
  };
}

function workerSettings(
  { atOnce = 2 }: BotOptions,
  log: AppLog,
): Omit<WorkerOptions, "deliveries" | "work"> {
  return {
    timer: systemTimer,
    atOnce,
    leaseMs,
    graceMs,
    onEnd: ({ guid, event, attempt }, end, error) => {
      const facts = { guid, event, attempt, end: end.kind, note: end.note };
      if (error === null) {
        log.say("delivery", facts);
      } else {
        log.fault("delivery", error, facts);
      }
    },
    onFault: (error) => {
      log.fault("queue", error);
    },
  };
}

function checkSecrets(secrets: readonly string[]): void {
  if (secrets.length === 0 || secrets.length > 2) {
    throw new SkeinError(appErrors.badOption, {
      message: "The webhook secret is one, and two while it is replaced.",
      facts: { count: secrets.length },
    });
  }
  if (secrets.some((secret) => secret.length < 16)) {
    throw new SkeinError(appErrors.weakSecret);
  }
}

/** With a signal, what is asked of the host ends with it. */
function openApp(options: BotOptions, signal?: AbortSignal): App {
  const { appId, privateKey, apiUrl: baseUrl, userAgent } = options;
  const [timer, clock] = [systemTimer, wallClock];
  return createApp({ appId, privateKey, baseUrl, userAgent, timer, clock, signal });
}

/** A fingerprint that is none is told at the start as well. @throws {SkeinError} SKN-1691, SKN-2005. */
function readBounds(env: BotEnv): ProviderBounds {
  trustedProviders(env);
  return boundsOf(
    env,
    (variable, message) => new SkeinError(appErrors.badOption, { message, facts: { variable } }),
  );
}

async function openRuns(options: BotOptions, app: App, log: AppLog): Promise<Run> {
  const { handlers, apiUrl, serverUrl, env, appId, privateKey, webhookSecrets } = options;
  const outputDir = join(options.dataDir, "runs");
  const cloneDir = join(options.dataDir, "repositories");
  const runs = createRuns({
    app,
    handlers,
    apiUrl,
    serverUrl,
    outputDir,
    cloneDir,
    env,
    bounds: readBounds(env),
    log: log.forHandlers,
  });
  const [secret = ""] = webhookSecrets;
  return runs.through(
    await openProbot({ appId, privateKey, secret, apiUrl, onEvent: runs.onEvent }),
  );
}

async function openQueue(dataDir: string, onLongLine: TellLongLine) {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const store = await openSqliteStore({
    file: join(dataDir, "deliveries.db"),
    project: "bot",
    migrations: deliveryMigrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: { queueLimit: 500 },
  });
  return tellingLongLine(store, onLongLine);
}

interface Behind {
  readonly deliveries: Deliveries;
  readonly log: AppLog;
  readonly wake: () => void;
}

function doorOf({ host, publicUrl, webhookSecrets }: BotOptions, behind: Behind) {
  const own = publicUrl === null ? [] : [new URL(publicUrl).hostname.toLowerCase()];
  return createDoor({
    secrets: webhookSecrets,
    deliveries: behind.deliveries,
    hosts: new Set(["127.0.0.1", "localhost", "[::1]", host.toLowerCase(), ...own]),
    manifest: appManifest(publicUrl ?? "https://REPLACE.example"),
    onAccepted: behind.wake,
    onFault: (error) => {
      behind.log.fault("door", error);
    },
  });
}

interface Looking extends Behind {
  readonly app: App;
  readonly signal: AbortSignal;
}

async function lookAround({ app, deliveries, log, wake, signal }: Looking): Promise<void> {
  const onFault = (error: unknown): void => {
    if (!signal.aborted) {
      log.fault("reconcile", error);
    }
  };
  const { redelivered, found } = await reconcile({ app, deliveries, nowMs: now, onFault });
  const pruned = await deliveries.prune();
  if (redelivered + found + pruned > 0) {
    log.say("reconciled", { redelivered, found, pruned });
  }
  wake();
}

async function keepLooking(
  look: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await look();
    await systemTimer.sleep(everyMs, signal);
  }
}

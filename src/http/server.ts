import type { Server } from "node:http";
import { endInOrder } from "../adapters/process/ended-in-order.ts";
import type { DrainTiming } from "../adapters/process/ended-in-order.ts";
import { systemTimer } from "../adapters/process/timer.ts";
import { closeAll, closingOnFailure } from "../core/base/closing.ts";
import { SkeinError } from "../core/base/errors.ts";
import { createRounds } from "../core/base/rounds.ts";
import { createBodyRoom, usualBodyLimits } from "./body-room.ts";
import type { BodyLimits } from "./body-room.ts";
import type { CommandRunner } from "./command-runner.ts";
import { httpErrors } from "./errors.ts";
import { startDailyAnchors } from "./daily-anchor.ts";
import type { DailyAnchors } from "./daily-anchor.ts";
import { createFaults } from "./faults.ts";
import type { Faults } from "./faults.ts";
import type { Gate } from "./gate/index.ts";
import { createHealth } from "./health.ts";
import { marksAtOnce } from "./hooks-route.ts";
import { createLag } from "./lag.ts";
import type { ServerLog } from "./log/server-log.ts";
import { createLanes, usualLimits } from "./lanes.ts";
import type { LaneLimits } from "./lanes.ts";
import { createLiveProjects } from "./live-projects.ts";
import type { LiveProjects, LiveProjectsDeps } from "./live-projects.ts";
import { createDescription } from "./openapi-route.ts";
import type { ServerParts, StreamTiming } from "./parts.ts";
import { createRefusals, usualRefusals } from "./refusals.ts";
import type { RefusalLimits } from "./refusals.ts";
import { createRouter } from "./router.ts";
import { serverOver } from "./server-over.ts";
import { createStoreNews } from "./store-news.ts";
import type { ProjectServer } from "../compose-projects.ts";
import { createTraffic } from "./traffic.ts";

export interface HttpServerOptions {
  readonly projects: ProjectServer;
  readonly gate: Gate;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly origins: readonly string[];
  readonly commands: CommandRunner | null;
  readonly limits?: LaneLimits | undefined;
  readonly bodies?: BodyLimits | undefined;
  readonly streams?: StreamTiming | undefined;
  readonly refusals?: RefusalLimits | undefined;
  /** How often to look whether an anchor of the logs is due, in milliseconds. Default an hour. */
  readonly anchorEveryMs?: number | undefined;
  /** Makes the MCP face of each project. Default: that of Skein's tools. */
  readonly createFace?: LiveProjectsDeps["createFace"];
  log(this: void, line: string): void;
  /** Is told of faults. Default: `log`. */
  readonly logFault?: ServerLog["fault"] | undefined;
  /** Is told of what is not as it should be. Default: `log`. */
  readonly logWarning?: ServerLog["warn"] | undefined;
  /** Is told of every request of a project when it was answered. Default: nobody. */
  readonly logRequest?: ServerLog["request"] | undefined;
}

/** A server that listens. */
export interface HttpServer {
  /** As `http://127.0.0.1:7433`. */
  readonly url: string;
  /**
   * Ends in order: says so at `/readyz`, answers waiting calls early, finishes what runs, and lets go of the stores. False when something
   * was still running after `withinMs` and was cut off.
   */
  drain(timing: DrainTiming): Promise<boolean>;
}

/** Starts to listen. @throws {SkeinError} SKN-1932 where that is not possible. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { projects, gate, version, env, commands, origins } = options;
  const { limits = usualLimits, streams = usualStreams, refusals = usualRefusals } = options;
  const only = await onlyOf(projects);
  const ending = new AbortController();
  const faults = createFaults(logOf(options));
  const lag = createLag();
  const { live, anchors } = openLive(options, faults, ending.signal);
  const parts: ServerParts = {
    version,
    gate,
    projects: live,
    only,
    lanes: createLanes(limits, () => lag.ms()),
    bodies: createBodyRoom(options.bodies ?? usualBodyLimits),
    judging: createRounds(marksAtOnce),
    beginning: createRounds(streamsAtOnce),
    refusals: createRefusals(refusals, { timer: systemTimer, ending: ending.signal }),
    traffic: createTraffic(),
    faults,
    logRequest: requestLog(options, ending.signal),
    commands,
    description: createDescription(version, commands),
    origins,
    backupDir: filled(env["SKEIN_BACKUP_DIR"]),
    streams,
    draining: ending.signal,
  };
  const health = createHealth(parts);
  const route = createRouter(parts, health);
  const answering = serverOver((request, response) => {
    void route(request, response);
  }, ending.signal);
  const letGo = async (): Promise<void> => {
    health.close();
    lag.close();
    await anchors.stop();
  };
  return {
    url: await closingOnFailure(letGo, async () => listen(answering.http, options)),
    drain: async (timing) => {
      ending.abort();
      const isWhole = await endInOrder(answering, timing);
      // An anchor that has begun needs its store.
      await closeAll([letGo, async () => live.close()]);
      return isWhole;
    },
  };
}

function logOf({ logFault, log }: HttpServerOptions): ServerLog["fault"] {
  return logFault ?? log;
}

/** Requests are heard for what they tell of the database, too. */
function requestLog(options: HttpServerOptions, ending: AbortSignal): ServerLog["request"] {
  const { projects, log, logWarning: warn = log, logRequest } = options;
  const look = async (): Promise<unknown> => projects.projects();
  const news = createStoreNews({ log: { line: log, warn }, look, timer: systemTimer, ending });
  return (answered) => {
    news.hear(answered.code);
    logRequest?.(answered);
  };
}

interface Live {
  readonly live: LiveProjects;
  readonly anchors: DailyAnchors;
}

function openLive(options: HttpServerOptions, faults: Faults, hurry: AbortSignal): Live {
  const { projects, env, version, createFace, anchorEveryMs: everyMs } = options;
  const live = createLiveProjects({
    projects,
    env,
    version,
    faults,
    hurry,
    createFace,
    onOpen: (project) => {
      anchors.look(project);
    },
  });
  const anchors = startDailyAnchors({
    projects: () => live.open().map(({ served }) => served),
    env,
    log: logOf(options),
    everyMs,
  });
  return { live, anchors };
}

/** How many streams look at a time where they begin. */
const streamsAtOnce = 4;

const usualStreams: StreamTiming = { beatMs: 15_000, slowMs: 20_000 };

/** The project that answers without a name, where there is exactly one. */
async function onlyOf(projects: ProjectServer): Promise<string | null> {
  const names = await projects.projects();
  return names.length === 1 ? (names[0] ?? null) : null;
}

async function listen(http: Server, options: HttpServerOptions): Promise<string> {
  const { host, port } = options;
  const log = logOf(options);
  await new Promise<void>((resolve, reject) => {
    http.once("error", (cause) => {
      reject(
        new SkeinError(httpErrors.badAddress, {
          message: `Skein cannot listen at ${host}:${String(port)}: ${"code" in cause ? String(cause.code) : cause.message}.`,
          facts: { host, port },
          cause,
        }),
      );
    });
    http.listen(port, host, resolve);
  });
  http.removeAllListeners("error");
  // A connection that could not be taken, as without a free descriptor, ends no server.
  http.on("error", (error) => {
    log(`connections: ${error.message}`);
  });
  const address = http.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${String(bound)}`;
}

function filled(text: string | undefined): string | null {
  return text === undefined || text.trim() === "" ? null : text.trim();
}

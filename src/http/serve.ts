import type { EventEmitter } from "node:events";
import { userInfo } from "node:os";
import { join } from "node:path";
import { locateRepository } from "../adapters/git/index.ts";
import { secretsOfEnvironment } from "../adapters/secrets/index.ts";
import { storeDirOf } from "../compose.ts";
import { openProjectServer, stateDirOf } from "../compose-projects.ts";
import { closingOnFailure } from "../core/base/closing.ts";
import type { BusHealth } from "../core/events/index.ts";
import { readAuth } from "./auth-settings.ts";
import { announce } from "../adapters/server/announcement.ts";
import type { Announcement } from "../adapters/server/announcement.ts";
import type { CommandRunner } from "./command-runner.ts";
import { hearOfEnd, untilToldToEnd } from "./ending.ts";
import { openGate, refuseOpenBind } from "./gate/index.ts";
import { createServerLog } from "./log/server-log.ts";
import type { LogFormat, ServerLog } from "./log/server-log.ts";
import { startHttpServer } from "./server.ts";
import type { HttpServer } from "./server.ts";
import { tokenIn } from "./token-file.ts";

export interface ServeOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: string;
  readonly port: number;
  /** Where the token of this machine is; null: beside the store. */
  readonly tokenFile: string | null;
  /** True: the `auth` of the repository's settings counts. */
  readonly isAuthAsked: boolean;
  readonly version: string;
  readonly commands: CommandRunner | null;
  /** Where signals and last errors come from: `process`. */
  readonly signals: EventEmitter;
  /** Is told once where the server listens. */
  onListening(this: void, facts: ListeningFacts): void;
  readonly logFormat: LogFormat;
  /** Takes one line of the log. */
  write(this: void, line: string): void;
}

export interface ListeningFacts {
  readonly url: string;
  readonly tokenFile: string;
  /** The file, or the database's address without password. */
  readonly store: string;
  readonly projects: readonly string[];
}

/** Serves until it is told to stop; the answer is the exit code: 1 when calls had to be cut off. @throws {SkeinError} before it listens. */
export async function serve(options: ServeOptions): Promise<number> {
  const { cwd, env, host, port, version, commands } = options;
  const repository = locateRepository(cwd);
  const storeDir = repository === null ? stateDirOf(env) : storeDirOf(repository);
  const tokenFile = options.tokenFile ?? join(storeDir, "serve-token");
  const written = logOf(options);
  const { line: log, warn: logWarning, fault: logFault, request: logRequest } = written;
  const auth = await readAuth({ cwd, env, isAsked: options.isAuthAsked, log });
  refuseOpenBind(host, auth);
  const onBusChange = (health: BusHealth): void => {
    (health.state === "down" ? logWarning : log)(busLine(health));
  };
  const projects = await openProjectServer({
    cwd,
    env,
    onBusChange,
    onLongLine: logWarning,
    follow: { log },
  });
  const person = personName();
  const origins = auth?.allowedOrigins ?? [];
  // Connections that stay open would keep a process alive that has said why it cannot serve.
  const { server, names } = await closingOnFailure(
    async () => projects.close(),
    async () => {
      const gate = openGate({ token: tokenIn(tokenFile), person, auth, projects });
      const given = { projects, gate, version, env, host, port, origins, commands };
      return {
        names: await projects.projects(),
        server: await startHttpServer({ ...given, log, logWarning, logFault, logRequest }),
      };
    },
  );
  const told = hearOfEnd({ signals: options.signals, logFault });
  const facts = { url: server.url, tokenFile, version, store: projects.shown };
  const takeAway = await announceOrEnd(server, join(storeDir, "serve.json"), facts);
  options.onListening({
    url: facts.url,
    tokenFile,
    store: projects.shown,
    projects: names,
  });
  const isWhole = await untilToldToEnd(server, { signals: options.signals, told, log, takeAway });
  return isWhole ? 0 : 1;
}

/** Tokens of callers never reach a line; secrets of the environment might, in what others say went wrong. */
function logOf({ env, logFormat: format, write }: ServeOptions): ServerLog {
  return createServerLog({ format, secrets: secretsOfEnvironment(env), nowMs: Date.now, write });
}

/** A server that nobody was told of does not go on behind whoever started it. */
async function announceOrEnd(
  server: HttpServer,
  file: string,
  facts: Announcement,
): Promise<() => void> {
  try {
    return announce(file, facts);
  } catch (error) {
    await server.drain({ noticeMs: 0, withinMs: 1_000 });
    throw error;
  }
}

function busLine({ kind, state, reason }: BusHealth): string {
  return state === "down"
    ? `bus: ${kind} is down (${reason ?? "unknown"}); changes of other nodes are noticed within 2 s instead of at once`
    : `bus: ${kind} is well`;
}

function personName(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}

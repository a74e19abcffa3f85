import { randomBytes } from "node:crypto";
import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { findHost } from "../adapters/process/host-process.ts";
import { createProcessProbe } from "../adapters/process/probe.ts";
import { createBackend } from "./backend.ts";
import type { Backend } from "./backend.ts";
import type { McpContext, Processes } from "./context.ts";
import { createProjectSource } from "./project-source.ts";
import type { ProjectSource } from "./project-source.ts";
import { createRelay } from "./forward/relay.ts";
import { fieldAt } from "./record.ts";
import { createServerOver } from "./server.ts";
import { createStdioTransport } from "./stdio/transport.ts";

export interface McpServerOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly streams: McpStreams;
  /** Where signals and last errors come from: `process`, or null to leave them alone. */
  readonly signals: EventEmitter | null;
}

export interface McpStreams {
  readonly input: Readable;
  /** Only protocol messages go here. */
  readonly output: Writable;
  readonly log: Writable;
}

/**
 * Serves one client over two streams until it is gone or the process is told to stop.
 *
 * Starts even where the project cannot be opened: then each tool answers with what is wrong and how to mend it, and the next call tries
 * again. A client that goes away ends no session: hosts start servers anew, and whoever is really gone is noticed by its process.
 */
export async function runMcpServer(options: McpServerOptions): Promise<void> {
  const { streams, signals } = options;
  const { cwd, env } = options;
  const log = (line: string): void => {
    context.log(line);
  };
  // Where nobody reads the log, that is no fault to write down there.
  streams.log.on("error", leaveAlone);
  const source = createProjectSource({ cwd, env, log });
  const context = createMcpContext(options, source);
  const closed = new AbortController();
  const backend = createBackend(options, context, source);
  const relay = createRelay(context, backend.leading);
  const handle = serveStdio(() => createServerOver(context, backend.acts), {
    transport: createStdioTransport({
      input: streams.input,
      output: streams.output,
      onInbound: (message) => {
        foresee(context, backend, message);
      },
      takeOver: relay.takeOver,
      takeLine: relay.takeLine,
      onClosed: () => {
        closed.abort();
      },
    }),
    onerror: (error) => {
      context.log(`connection: ${error.message}`);
    },
  });
  const unlisten = listenToSignals(signals, {
    close: () => void handle.close(),
    log: (line) => {
      context.log(line);
    },
  });
  await aborted(closed.signal);
  unlisten();
  await backend.close();
}

/** What one server process knows. */
export function createMcpContext(
  { cwd, env, streams }: Pick<McpServerOptions, "cwd" | "env" | "streams">,
  source: ProjectSource,
): McpContext {
  let processes: Processes | null = null;
  return {
    version: readVersion(),
    cwd,
    env,
    connection: randomBytes(16).toString("hex"),
    worktree: null,
    person: `person:${env["USER"] ?? env["USERNAME"] ?? "somebody"}`,
    principal: null,
    mayUse: () => undefined,
    under: async (_, work) => work(),
    hurry: null,
    open: source.open,
    processes: () => (processes ??= stampProcesses()),
    handles: new Map(),
    onListen: new Set(),
    newFaultId: () => randomBytes(4).toString("hex"),
    log: (line) => {
      if (!streams.log.destroyed) {
        streams.log.write(`skein mcp: ${line}\n`);
      }
    },
  };
}

function stampProcesses(): Processes {
  const probe = createProcessProbe();
  return { self: probe.self(), host: probe.stampOf(findHost(process.ppid) ?? process.ppid) };
}

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return /"version": "([^"]+)"/u.exec(text)?.[1] ?? "0.0.0";
}

/** The transport sees first what a client is about to need. */
function foresee(context: McpContext, backend: Backend, message: JSONRPCMessage): void {
  const method = "method" in message ? message.method : null;
  if (method === "subscriptions/listen") {
    for (const listen of context.onListen) {
      listen(subscribedIn(message));
    }
  }
  if (method === "notifications/initialized" || method === "server/discover") {
    void backend.warm();
  }
}

/** The resources that a subscription names. */
function subscribedIn(message: JSONRPCMessage): readonly string[] {
  const params = fieldAt(message, "params");
  // Of 2026-07-28: `notifications.resourceSubscriptions`.
  const uris = fieldAt(fieldAt(params, "notifications"), "resourceSubscriptions");
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string").slice(0, 100) : [];
}

interface SignalActs {
  close(this: void): void;
  log(this: void, line: string): void;
}

/** The host decides what an interrupt means, and whether it reads the log. */
function leaveAlone(): void {
  // Nothing is done.
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}

/**
 * SIGINT is left to the host: a terminal sends it to every process when a person interrupts the agent. SIGTERM and SIGHUP close in
 * order. Nothing that escapes brings the server down.
 */
function listenToSignals(signals: EventEmitter | null, { close, log }: SignalActs): () => void {
  const onFault = (error: unknown): void => {
    log(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  const listeners: readonly [string, (error: unknown) => void][] = [
    ["SIGINT", leaveAlone],
    ["SIGTERM", close],
    ["SIGHUP", close],
    ["uncaughtException", onFault],
    ["unhandledRejection", onFault],
  ];
  for (const [name, listener] of listeners) {
    signals?.on(name, listener);
  }
  return () => {
    for (const [name, listener] of listeners) {
      signals?.off(name, listener);
    }
  };
}

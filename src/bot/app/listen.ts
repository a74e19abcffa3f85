import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { endInOrder, watchAnswers } from "../../adapters/process/ended-in-order.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { appErrors } from "./errors.ts";

export interface Place {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** A sender may take this long for its headers and for all of a body, in milliseconds. */
const headersMs = 5_000;
const requestMs = 30_000;

/** How long deliveries that are being sent may still come, in milliseconds: less than a process is given to end. GitHub sends again what was cut off. */
const endMs = 8_000;

/** @throws {SkeinError} SKN-7691 */
export async function listen(listener: RequestListener, { host, port }: Place): Promise<Listening> {
  const server = createServer(
    { headersTimeout: headersMs, requestTimeout: requestMs, maxHeaderSize: 16_384 },
    listener,
  );
  server.maxConnections = 512;
  const answering = watchAnswers(server);
  await bind(server, { host, port });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: async () => {
      await endInOrder(answering, { noticeMs: 0, withinMs: endMs });
    },
  };
}

async function bind(server: Server, { host, port }: Place): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `${host} port ${String(port)} cannot be listened on.`;
      reject(new SkeinError(appErrors.noPort, { message, cause, facts: { host, port } }));
    });
    server.listen(port, host, resolve);
  });
}

import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";

/** One request as a server on loopback saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server on this machine that answers as a test says. */
export interface LoopbackServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

export type Answerer = (request: SeenRequest, response: ServerResponse) => Promise<void> | void;

export async function aLoopbackServer(answer: Answerer, port = 0): Promise<LoopbackServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const request = {
        method: incoming.method ?? "",
        url: incoming.url ?? "",
        headers: incoming.headers,
        body: await readText(incoming),
      };
      seen.push(request);
      await answer(request, response);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return { url: `http://127.0.0.1:${String(portOf(server))}`, seen, close: () => closed(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** Answers with JSON. */
export function sayJson(
  response: ServerResponse,
  status: number,
  { headers = {}, ...body }: Readonly<Record<string, unknown>> & { readonly headers?: object },
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

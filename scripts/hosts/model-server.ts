import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Host, ModelReply } from "./host.ts";
import { moveAt } from "./story.ts";

/** The scripted model while it answers. */
export interface ScriptedModel {
  readonly port: number;
  /** Every request of the story, in order, as the host sent it. */
  readonly requests: readonly string[];
  /** Everything that was asked, `METHOD URL`. */
  readonly calls: readonly string[];
  close(): void;
}

/** Starts the scripted model on a free port of 127.0.0.1. */
export async function startModel(host: Host): Promise<ScriptedModel> {
  const requests: string[] = [];
  const calls: string[] = [];
  let hasWaited = !host.isHasty;
  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const url = request.url ?? "";
    calls.push(`${request.method ?? ""} ${url}`);
    const reply =
      request.method === "POST" && host.isTurn(url, body) ? turnOf(body) : host.besides(url, body);
    response.writeHead(reply === null ? 404 : 200, { "content-type": reply?.type ?? "text/plain" });
    response.end(reply?.body);
  }

  function turnOf(body: string): ModelReply {
    if (!hasWaited) {
      hasWaited = true;
      return host.reply({ kind: "shell", command: "sleep 6" }, -1);
    }
    const turn = requests.length;
    requests.push(body);
    return host.reply(moveAt(turn, body, host.holdsBack), turn);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: portOf(server),
    requests,
    calls,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString("utf8");
}

import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { createMcpContext, createMcpServer } from "../../src/mcp/index.ts";
import { createProjectSource } from "../../src/mcp/project-source.ts";

/** Skein's server over HTTP on this machine only. For tests: the conformance suite speaks nothing else. */
export interface HttpMount {
  readonly url: string;
  close(): Promise<void>;
}

export async function mountOverHttp(cwd: string): Promise<HttpMount> {
  const place = { cwd, env: { PATH: process.env["PATH"] } };
  const source = createProjectSource(place);
  const context = createMcpContext(
    { ...place, streams: { input: process.stdin, output: process.stdout, log: process.stderr } },
    source,
  );
  const handler = createMcpHandler(() => createMcpServer(context));
  const serve = toNodeHandler(handler);
  const [isKnownHost, isKnownOrigin] = [localhostHostValidation(), localhostOriginValidation()];
  const http = createServer((request, response) => {
    if (isKnownHost(request, response) && isKnownOrigin(request, response)) {
      const { method = "GET", url = "/" } = request;
      void serve(Object.assign(request, { method, url }), response);
    }
  });
  const { port } = await listen(http);
  return {
    url: `http://127.0.0.1:${String(port)}/mcp`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
      await handler.close();
      await source.close();
    },
  };
}

function listen(http: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.listen(0, "127.0.0.1", () => {
      const address = http.address();
      if (address === null || typeof address === "string") {
        reject(new Error("The server has no port."));
        return;
      }
      resolve(address);
    });
  });
}

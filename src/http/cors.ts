import type { IncomingMessage, ServerResponse } from "node:http";

/** Lets pages of listed origins read answers. True when the request was only the browser's question, which is then answered. */
export function answerBrowser(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
): boolean {
  const { origin } = request.headers;
  const isListed = origin !== undefined && origins.includes(origin);
  if (isListed) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader(
      "access-control-expose-headers",
      "retry-after, www-authenticate, mcp-session-id, x-request-id",
    );
    response.setHeader("vary", "origin");
  }
  if (request.method !== "OPTIONS") {
    return false;
  }
  if (isListed) {
    response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
    response.setHeader("access-control-allow-headers", allowedHeaders.join(", "));
    response.setHeader("access-control-max-age", "600");
  }
  response.writeHead(isListed ? 204 : 403).end();
  return true;
}

const allowedHeaders = [
  "authorization",
  "content-type",
  "last-event-id",
  "mcp-protocol-version",
  "mcp-session-id",
  "mcp-method",
  "mcp-name",
  "skein-session",
  "skein-external-id",
  "skein-client",
  "skein-branch",
  "skein-head",
  "skein-git-dir",
];

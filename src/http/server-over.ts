import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { watchAnswers } from "../adapters/process/ended-in-order.ts";
import type { Answering } from "../adapters/process/ended-in-order.ts";

/** A request has to be here in this time; its answer may take longer. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
};

const mostConnections = 4_096;

/** Makes the server of node over the routes. Once it is told to end, it asks for no more on a connection than it has. */
export function serverOver(route: RequestListener, ending: AbortSignal): Answering {
  const http = createServer({ ...timeouts }, (request, response) => {
    if (ending.aborted) {
      response.setHeader("connection", "close");
    }
    route(request, response);
  });
  http.maxConnections = mostConnections;
  http.keepAliveTimeout = 65_000;
  return watchAnswers(http);
}

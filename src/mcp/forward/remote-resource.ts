import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { ReadResourceResult } from "@modelcontextprotocol/server";
import type { ServerClient } from "../../adapters/server/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { fieldAt } from "../record.ts";
import { parseResourceUri } from "../resources.ts";

/** Reads a resource at the server, through its own MCP door. */
export async function readRemoteResource(
  client: Pick<ServerClient, "ask">,
  uri: string,
): Promise<ReadResourceResult> {
  if (parseResourceUri(uri) === null) {
    throw new ResourceNotFoundError(uri);
  }
  const answer = await askMcp(client, uri);
  const error = fieldAt(answer, "error");
  if (error !== undefined) {
    throw errorOf(error, uri);
  }
  const contents = fieldAt(fieldAt(answer, "result"), "contents");
  const [first] = Array.isArray(contents) ? contents : [];
  const text = fieldAt(first, "text");
  const mimeType = fieldAt(first, "mimeType");
  return {
    contents: [
      {
        uri,
        text: typeof text === "string" ? text : "",
        mimeType: typeof mimeType === "string" ? mimeType : "application/json",
      },
    ],
  };
}

async function askMcp(client: Pick<ServerClient, "ask">, uri: string): Promise<unknown> {
  try {
    return await client.ask("mcp", {
      body: { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri } },
      headers: {
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
      },
      isRepeatable: true,
      patienceMs: 5_000,
      signal: null,
    });
  } catch (error) {
    if (error instanceof SkeinError) {
      const { code, message, fix } = error;
      throw new ProtocolError(ProtocolErrorCode.InternalError, `${code} ${message} ${fix}`, {
        code,
        fix,
        retry_after_ms: error.retryAfterMs,
      });
    }
    throw error;
  }
}

/** The SDK's number for a resource that is not there. */
const notFound: ReadonlySet<unknown> = new Set([-32_002, ProtocolErrorCode.InvalidParams]);

function errorOf(error: unknown, uri: string): ProtocolError {
  const message = fieldAt(error, "message");
  return notFound.has(fieldAt(error, "code"))
    ? new ResourceNotFoundError(uri)
    : new ProtocolError(
        ProtocolErrorCode.InternalError,
        typeof message === "string" ? message.slice(0, 2_000) : "The server could not read it.",
      );
}

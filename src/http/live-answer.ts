import type { ServerResponse } from "node:http";
import { asSkeinError } from "../mcp/index.ts";
import { errorBody } from "../core/base/error-body.ts";
import { fixedHeaders, sendError, sendJson } from "./answers.ts";
import { noteRequest } from "./log/request-note.ts";
import type { Visit } from "./visit.ts";

/** How far a call is. */
export interface ToldProgress {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

/** The answer of a call that may last. Nothing is sent before there is something to say. */
export interface LiveAnswer {
  /** Tells a client that asked for a stream. */
  readonly progress: (told: ToldProgress) => void;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
  /** Ends the signs of life, whatever came of the call. */
  readonly close: () => void;
}

/**
 * Answers with JSON; a client that accepts `text/event-stream` is answered so once there is progress to tell, or the call lasts: with `progress`, signs of
 * life, and at last `answer` or `error`.
 */
export function createLiveAnswer({ request, response, parts }: Visit): LiveAnswer {
  const mayStream = /\btext\/event-stream\b/u.test(request.headers.accept ?? "");
  const write = (text: string): void => {
    if (!response.headersSent) {
      response.writeHead(200, { ...fixedHeaders, "content-type": "text/event-stream" });
    }
    // Whoever does not read is told nothing more; the answer itself is bounded.
    if (!response.destroyed && response.writableLength < mostUnread) {
      response.write(text);
    }
  };
  const beat = mayStream
    ? setInterval(() => {
        write(": alive\n\n");
      }, parts.streams.beatMs).unref()
    : null;
  return {
    progress: (told) => {
      if (mayStream) {
        write(messageOf("progress", told));
      }
    },
    done: (value) => {
      if (isStreaming(response)) {
        response.end(messageOf("answer", value));
      } else {
        sendJson(response, 200, { value });
      }
    },
    failed: (thrown) => {
      const error = asSkeinError(parts.faults, thrown);
      noteRequest({ code: error.code });
      if (isStreaming(response)) {
        response.end(messageOf("error", errorBody(error)));
      } else {
        sendError(response, error);
      }
    },
    close: () => {
      clearInterval(beat ?? undefined);
    },
  };
}

const mostUnread = 1_048_576;

function isStreaming({ headersSent, writableEnded }: ServerResponse): boolean {
  return headersSent && !writableEnded;
}

function messageOf(event: string, value: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}

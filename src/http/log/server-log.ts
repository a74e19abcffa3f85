import { createLineRedactor } from "../../adapters/secrets/line-redactor.ts";
import { currentNote } from "./request-note.ts";
import type { RequestNote } from "./request-note.ts";

export const logFormats = ["text", "json"] as const;

/** `text`: a line for people whenever something happens. `json`: an object a line, for requests as well. */
export type LogFormat = (typeof logFormats)[number];

/** An answered request. */
export interface AnsweredRequest extends RequestNote {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** False when the client left before it had its answer. */
  readonly isWhole: boolean;
}

/** What a server writes down of itself; secrets are taken out of every line. */
export interface ServerLog {
  /** Something happened. Within a request its line bears the request's id. */
  readonly line: (text: string) => void;
  /** Something is not as it should be, and the server goes on. */
  readonly warn: (text: string) => void;
  /** A fault of Skein's, or of what it needs. */
  readonly fault: (text: string) => void;
  /** A request was answered; in `text` nothing is written of it. */
  readonly request: (answered: AnsweredRequest) => void;
}

export interface ServerLogDeps {
  readonly format: LogFormat;
  /** Secrets that must stand in no line. */
  readonly secrets: readonly string[];
  readonly nowMs: () => number;
  readonly write: (line: string) => void;
}

type Level = "info" | "warn" | "error";

/** What happened is told in at most so many characters. */
const longest = 16_384;

export function createServerLog({ format, secrets, nowMs, write }: ServerLogDeps): ServerLog {
  const redactAll = createLineRedactor(secrets);
  const redact = (text: string): string => redactAll(text).slice(0, longest);
  if (format === "text") {
    const line = (text: string): void => {
      write(redact(text));
    };
    return { line, warn: line, fault: line, request: () => undefined };
  }
  const put = (fields: Readonly<Record<string, unknown>>): void => {
    write(JSON.stringify({ time: new Date(nowMs()).toISOString(), ...fields }));
  };
  const say =
    (level: Level) =>
    (text: string): void => {
      const note = currentNote();
      const within = note === null ? {} : { request_id: redact(note.id) };
      put({ level, event: "server", ...within, message: redact(text) });
    };
  return {
    line: say("info"),
    warn: say("warn"),
    fault: say("error"),
    request: (answered) => {
      put(requestFields(answered, redact));
    },
  };
}

function requestFields(
  answered: AnsweredRequest,
  redact: (text: string) => string,
): Readonly<Record<string, unknown>> {
  const { id, traceId, principal, project, method, route, action } = answered;
  const { status, durationMs, isWhole, code } = answered;
  return {
    level: levelOfStatus(status),
    event: "request",
    request_id: redact(id),
    ...(traceId === null ? {} : { trace_id: traceId }),
    principal,
    project: project === null ? null : redact(project),
    method,
    route,
    action,
    status,
    ...(code === null ? {} : { code }),
    duration_ms: Math.round(durationMs * 1_000) / 1_000,
    ...(isWhole ? {} : { client_left: true }),
  };
}

function levelOfStatus(status: number): Level {
  if (status >= 500) {
    return "error";
  }
  return status >= 400 ? "warn" : "info";
}

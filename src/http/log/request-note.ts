import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What is noted of one request while it is answered, for its line in the log. */
export interface RequestNote {
  /** Its id: what a proxy named it, where that is harmless, else 16 hex digits. */
  readonly id: string;
  /** Of W3C's `traceparent`; null where there is none. */
  readonly traceId: string | null;
  /** Who asks, as `token:t3`; null before that is proved. */
  principal: string | null;
  project: string | null;
  /** What it asks for, as `tool:next_task`; null where the route says it all. */
  action: string | null;
  /** The error's code; null when nothing went wrong. */
  code: string | null;
}

const notes = new AsyncLocalStorage<RequestNote>();

/** Begins the note of a request, and answers it within. */
export function withNote<T>(request: IncomingMessage, answer: (note: RequestNote) => T): T {
  const note: RequestNote = {
    id: idOf(request),
    traceId: traceOf(request),
    principal: null,
    project: null,
    action: null,
    code: null,
  };
  return notes.run(note, () => answer(note));
}

/** Goes on under a note where what lies between has lost it, as a queue of somebody else's does. */
export function underNote<T>(note: RequestNote | null, work: () => T): T {
  return note === null ? work() : notes.run(note, work);
}

/** The note of the request that is being answered; null outside of any. */
export function currentNote(): RequestNote | null {
  return notes.getStore() ?? null;
}

/** Adds to the note of the request that is being answered. */
export function noteRequest(facts: Partial<Omit<RequestNote, "id" | "traceId">>): void {
  Object.assign(notes.getStore() ?? {}, facts);
}

function idOf({ headers }: IncomingMessage): string {
  const named = headers["x-request-id"];
  return typeof named === "string" && /^[\w.:-]{1,64}$/u.test(named)
    ? named
    : randomBytes(8).toString("hex");
}

function traceOf({ headers }: IncomingMessage): string | null {
  const parent = headers["traceparent"];
  return typeof parent === "string"
    ? (/^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/u.exec(parent)?.[1] ?? null)
    : null;
}

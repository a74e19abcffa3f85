import type { ServerResponse } from "node:http";
import { errorBody } from "../core/base/error-body.ts";
import { SkeinError } from "../core/base/errors.ts";
import { eventErrors, eventJson } from "../core/events/index.ts";
import type { Event, Skein } from "../core/index.ts";
import type { TimelessReader } from "../core/store/index.ts";
import { asSkeinError } from "../mcp/index.ts";
import { fixedHeaders } from "./answers.ts";
import { drains } from "./drains.ts";
import { httpErrors } from "./errors.ts";
import { inLane } from "./in-lane.ts";
import { noteRequest } from "./log/request-note.ts";
import type { StreamTiming } from "./parts.ts";
import { createStillAdmitted } from "./still-admitted.ts";
import type { Visit } from "./visit.ts";

/**
 * `GET api/v1/events?since=N`: the log as server-sent events, from an event on (`Last-Event-ID` goes before `since`; without both, from the
 * present end). Each event once, in order, none missing.
 */
export async function streamEvents(visit: Visit): Promise<void> {
  await inLane(visit, "wait", async () => stream(visit, await startOf(visit)));
}

/** @throws {SkeinError} SKN-1935 for what is no number, SKN-5201 when events after it were archived, SKN-5202 where the log does not reach. */
async function startOf({ request, query, project, parts }: Visit): Promise<number> {
  const given = placeOf(request.headers["last-event-id"] ?? query.get("since"));
  const { store, events } = project.served.skein;
  // A thousand that come at once leave the store to others.
  return parts.beginning.run(1, async () =>
    store.glance((reader) => reached(events, reader, given)),
  );
}

function placeOf(given: string | readonly string[] | null): number | null {
  if (given !== null && (typeof given !== "string" || !/^\d{1,15}$/u.test(given))) {
    throw new SkeinError(httpErrors.badRequest, {
      message: "`since` and `Last-Event-ID` are numbers of events.",
    });
  }
  return given === null ? null : Number(given);
}

async function reached(
  events: Skein["events"],
  reader: TimelessReader,
  given: number | null,
): Promise<number> {
  if (given === null) {
    return (await events.head(reader)).seq;
  }
  const archived = await events.archivedTo(reader);
  if (given < archived.seq) {
    throw new SkeinError(eventErrors.archived, {
      message: `Events up to ${String(archived.seq)} were archived; asked for those after ${String(given)}.`,
      facts: { archived_seq: archived.seq },
    });
  }
  await events.ensureReached(reader, given);
  return given;
}

async function stream(visit: Visit, since: number): Promise<void> {
  const { response, parts, project } = visit;
  const signal = AbortSignal.any([visit.signal, parts.draining]);
  const out = openStream(response, { signal, ...parts.streams });
  const ensureAdmitted = createStillAdmitted(visit, parts.streams.beatMs);
  try {
    for await (const page of project.feed.follow(since, signal)) {
      await ensureAdmitted(page);
      if (!(await out.write(page.map(eventText).join("")))) {
        out.last("cut", { reason: "The stream was not read for too long; go on where it ended." });
        return;
      }
    }
    out.last("end", { reason: "The server is about to end; go on at another, or in a moment." });
  } catch (error) {
    const known = asSkeinError(parts.faults, error);
    noteRequest({ code: known.code });
    out.last("error", errorBody(known));
  } finally {
    out.close();
  }
}

function eventText(event: Event): string {
  return `id: ${String(event.seq)}\ndata: ${JSON.stringify(eventJson(event))}\n\n`;
}

interface Outflow {
  /** False when the reader took nothing for too long. */
  write(text: string): Promise<boolean>;
  /** Says why the stream ends. It bears no id, so that a reader goes on behind the last event. */
  last(event: string, data: unknown): void;
  close(): void;
}

interface StreamParts extends StreamTiming {
  readonly signal: AbortSignal;
}

function openStream(response: ServerResponse, parts: StreamParts): Outflow {
  response.writeHead(200, {
    ...fixedHeaders,
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
  });
  response.write("retry: 1000\n\n");
  const beat = setInterval(() => {
    // A reader that is behind needs no sign of life.
    if (!response.writableNeedDrain) {
      response.write(": beat\n\n");
    }
  }, parts.beatMs);
  return {
    write: async (text) => response.write(text) || drains(response, parts),
    last: (event, data) => {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    close: () => {
      clearInterval(beat);
      response.end();
    },
  };
}

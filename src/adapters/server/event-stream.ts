import { SkeinError } from "../../core/base/errors.ts";
import type { Timer } from "../../core/base/timer.ts";
import { ownObject, ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { eventErrors } from "../../core/events/index.ts";
import { errorIn } from "./answers.ts";
import type { ServerClient } from "./client.ts";
import { isBroken } from "./exchange.ts";
import { createStreamReader } from "./stream-reader.ts";
import type { StreamMessage } from "./stream-reader.ts";

export interface Following {
  /** The last event that is known; what comes after it is told. */
  readonly since: number;
  readonly signal: AbortSignal;
  readonly timer: Timer;
  /** Told when the stream broke, before it is opened again where it ended. */
  readonly onBroken?: ((error: unknown) => void) | undefined;
}

const longestPauseMs = 5_000;

const anotherLog = eventErrors.ahead.code;

/**
 * Tells every event after one, in order and each once, until the signal aborts: a stream that breaks is opened again behind the last event
 * that came. @throws {SkeinError} for what does not pass by itself, as a token that is refused.
 */
export async function* followEvents(
  client: Pick<ServerClient, "open">,
  { since, signal, timer, onBroken }: Following,
): AsyncGenerator<StreamMessage> {
  const place = { last: since, failures: 0 };
  while (!signal.aborted) {
    try {
      yield* readStream(client, place, signal);
    } catch (error) {
      if (!isPassing(error)) {
        throw error;
      }
      onBroken?.(error);
    }
    place.failures += 1;
    const pauseMs = Math.min(100 * 2 ** Math.min(place.failures, 6), longestPauseMs);
    await timer.sleep(pauseMs, signal);
  }
}

/** How far a stream came, whichever connection brought it. */
interface Place {
  last: number;
  failures: number;
}

async function* readStream(
  client: Pick<ServerClient, "open">,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  const since = String(place.last);
  const route = `api/v1/events?since=${since}`;
  const answer = await client.open(route, { "last-event-id": since }, signal);
  const read = createStreamReader();
  try {
    for await (const piece of answer.pieces()) {
      yield* newOf(read(piece), place);
    }
  } finally {
    answer.drop();
  }
}

function* newOf(messages: readonly StreamMessage[], place: Place): Generator<StreamMessage> {
  for (const message of messages) {
    ensureSameLog(message);
    if (isNext(place, message)) {
      yield message;
    }
  }
}

/**
 * A last word of the stream that a stream opened anew would not repeat: the log is another one than was told (SKN-5202), and by then it may reach beyond
 * the place again.
 */
function ensureSameLog({ id, event, data }: StreamMessage): void {
  const told = id === null && event === "error" ? parseLooseObject(data) : null;
  if (told !== null && ownText(ownObject(told, "error"), "code") === anotherLog) {
    throw errorIn(told, { status: 404, headers: {}, text: data });
  }
}

/** True for what was not told before; the place moves on behind it. */
function isNext(place: Place, { id }: StreamMessage): boolean {
  place.failures = 0;
  const seq = Number(id ?? Number.NaN);
  const isNew = seq > place.last;
  place.last = isNew ? seq : place.last;
  return isNew;
}

function isPassing(error: unknown): boolean {
  return isBroken(error) || (error instanceof SkeinError && error.kind === "unavailable");
}

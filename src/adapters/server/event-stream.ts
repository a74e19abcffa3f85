import { SkeinError } from "../../core/base/errors.ts";
import type { Timer } from "../../core/base/timer.ts";
import type { ServerClient } from "./client.ts";
import { isBroken } from "./exchange.ts";

/** One message of a stream of events. */
export interface StreamMessage {
  /** Its number in the project's log; null for a message that is no event. */
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Splits a stream of server-sent events into messages; pieces may end anywhere. */
export function createStreamReader(): (piece: string) => readonly StreamMessage[] {
  let held = "";
  return (piece) => {
    held += piece.replaceAll("\r", "");
    const blocks = held.split("\n\n");
    held = blocks.pop() ?? "";
    return blocks.flatMap((block) => messageOf(block) ?? []);
  };
}

function messageOf(block: string): StreamMessage | null {
  const data: string[] = [];
  let [id, event]: [string | null, string] = [null, "message"];
  for (const line of block.split("\n")) {
    const [, field = "", value = ""] = /^([a-z]*):? ?(.*)$/u.exec(line) ?? [];
    if (field === "data") {
      data.push(value);
    } else if (field === "id") {
      id = value;
    } else if (field === "event") {
      event = value;
    }
  }
  return data.length === 0 ? null : { id, event, data: data.join("\n") };
}

export interface Following {
  /** The last event that is known; what comes after it is told. */
  readonly since: number;
  readonly signal: AbortSignal;
  readonly timer: Timer;
  /** Told when the stream broke, before it is opened again where it ended. */
  readonly onBroken?: ((error: unknown) => void) | undefined;
}

const longestPauseMs = 5_000;

/**
 * Tells every event after one, in order and each once, until the signal aborts: a stream that breaks is opened again behind the last event
 * that came. @throws {SkeinError} for what does not pass by itself, as a token that is refused.
 */
export async function* followEvents(
  client: ServerClient,
  { since, signal, timer, onBroken }: Following,
): AsyncGenerator<StreamMessage> {
  let last = since;
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const message of readStream(client, last, signal)) {
        failures = 0;
        const seq = Number(message.id ?? Number.NaN);
        if (seq > last) {
          last = seq;
          yield message;
        }
      }
    } catch (error) {
      if (!isPassing(error)) {
        throw error;
      }
      onBroken?.(error);
    }
    failures += 1;
    await timer.sleep(Math.min(100 * 2 ** Math.min(failures, 6), longestPauseMs), signal);
  }
}

async function* readStream(
  client: ServerClient,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  const route = `api/v1/events?since=${String(since)}`;
  const answer = await client.open(route, { "last-event-id": String(since) }, signal);
  const read = createStreamReader();
  try {
    for await (const piece of answer.pieces()) {
      yield* read(piece);
    }
  } finally {
    answer.drop();
  }
}

function isPassing(error: unknown): boolean {
  return isBroken(error) || (error instanceof SkeinError && error.kind === "unavailable");
}

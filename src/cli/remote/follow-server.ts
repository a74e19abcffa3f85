import { systemTimer } from "../../adapters/process/timer.ts";
import { followEvents } from "../../adapters/server/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { ownText, ownValue } from "../../core/base/loose-object.ts";
import { eventErrors } from "../../core/events/index.ts";
import type { Call } from "../command.ts";
import { wantedKind } from "../event-kind.ts";
import { interruptedCode } from "../exit.ts";
import { printRecord } from "../output.ts";
import type { RemoteCall } from "./call-server.ts";
import { eventLine } from "../commands/events.ts";
import { linedEvent, parseToldEvent } from "./told-event.ts";

/** `skein events --follow` over the server's stream: it goes on where it ended when the connection breaks. */
export async function followServer({ call, client }: RemoteCall): Promise<number> {
  const { io, options } = call;
  const kind = wantedKind(options);
  let left = options.number("limit") ?? Number.POSITIVE_INFINITY;
  for await (const event of eventsAfter({ call, client }, options.number("since") ?? 0)) {
    if (isOfKind(event, kind)) {
      print(event, call);
      left -= 1;
    }
    if (left <= 0) {
      break;
    }
  }
  return io.signal.aborted ? interruptedCode : 0;
}

function isOfKind(event: JsonObject, kind: string | null): boolean {
  const own = ownText(event, "kind") ?? "";
  return kind === null || own === kind || own.startsWith(`${kind}.`);
}

function print(event: JsonObject, { globals, io }: Call): void {
  if (globals.json) {
    printRecord(event, io);
  } else {
    io.write(`${eventLine(linedEvent(event))}\n`);
  }
}

function waitingLine(error: unknown): string {
  const what =
    error instanceof SkeinError ? `${error.code} ${error.message}` : "The server's stream broke.";
  return `skein: ${what} Waiting for it; Ctrl-C ends.`;
}

type Following = Pick<RemoteCall, "call" | "client">;

/** Without `--since` the log begins at the oldest event that was not archived. */
async function* eventsAfter(
  { call, client }: Following,
  since: number,
): AsyncGenerator<JsonObject> {
  const { io } = call;
  const { signal } = io;
  let isWaiting = false;
  // Said once for each outage: whoever watches sees why nothing comes.
  const onBroken = (error: unknown): void => {
    if (!isWaiting && !signal.aborted) {
      isWaiting = true;
      io.warn(waitingLine(error));
    }
  };
  try {
    const following = { since, signal, timer: systemTimer, onBroken };
    for await (const { data } of followEvents(client, following)) {
      isWaiting = false;
      yield parseToldEvent(data);
    }
  } catch (error) {
    const archived =
      error instanceof SkeinError && error.code === eventErrors.archived.code
        ? ownValue(error.facts, "archived_seq")
        : null;
    if (typeof archived !== "number" || call.options.number("since") !== null) {
      throw error;
    }
    yield* eventsAfter({ call, client }, archived);
  }
}

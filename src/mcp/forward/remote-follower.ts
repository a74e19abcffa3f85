import { SkeinError } from "../../core/base/errors.ts";
import { ownValue } from "../../core/base/loose-object.ts";
import { followEvents } from "../../adapters/server/index.ts";
import type { ServerClient } from "../../adapters/server/index.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import type { EventFollower, OnEvents, ToldEvent } from "../event-follower.ts";
import { fieldAt } from "../record.ts";
import { readRemoteResource } from "./remote-resource.ts";
import type { RemoteSide } from "./remote.ts";

/** What of it is needed to follow. */
interface FollowedSide {
  readonly client: Pick<ServerClient, "ask" | "open">;
  readonly context: Pick<RemoteSide["context"], "log">;
}

/** Follows the server's log over one stream, resumed where it broke: no change between two streams is missed. */
export function followRemote({ client, context }: FollowedSide, onEvents: OnEvents): EventFollower {
  const stop = new AbortController();
  let isStarted = false;
  const runFrom = async (since: number): Promise<void> => {
    const following = { since, signal: stop.signal, timer: systemTimer };
    for await (const message of followEvents(client, following)) {
      await onEvents([eventOf(message.data)]);
    }
  };
  // A log that lost its end is followed from its new one: whoever waited behind the old one would hear of nothing.
  const run = async (since: number): Promise<void> =>
    runFrom(since).catch(async (error: unknown) => {
      const last = error instanceof SkeinError ? ownValue(error.facts, "last_seq") : null;
      if (typeof last !== "number") {
        throw error;
      }
      await onEvents([{ seq: last, changes: [] }]);
      await run(last);
    });
  return {
    start: async () => {
      if (isStarted || stop.signal.aborted) {
        return;
      }
      isStarted = true;
      const since = await headOf(client).catch((error: unknown) => {
        isStarted = false;
        throw error;
      });
      void run(since).catch((error: unknown) => {
        // Whoever subscribes again begins again.
        isStarted = false;
        context.log(`event feed: ${error instanceof Error ? error.message : String(error)}`);
      });
    },
    stop: () => {
      stop.abort();
    },
  };
}

/** Where the log ends now, as the resource tells it. */
async function headOf(client: FollowedSide["client"]): Promise<number> {
  const { contents } = await readRemoteResource(client, "skein://events");
  const [first] = contents;
  const text = first !== undefined && "text" in first ? first.text : "{}";
  const data: unknown = JSON.parse(text);
  const cursor = fieldAt(data, "cursor");
  return typeof cursor === "number" ? cursor : 0;
}

function eventOf(data: string): ToldEvent {
  const event: unknown = JSON.parse(data);
  const seq = fieldAt(event, "seq");
  const changes = fieldAt(event, "changes");
  return {
    seq: typeof seq === "number" ? seq : 0,
    changes: Array.isArray(changes) ? changes.map((change: unknown) => changeOf(change)) : [],
  };
}

function changeOf(change: unknown): ToldEvent["changes"][number] {
  const entity = fieldAt(change, "entity");
  const id = fieldAt(change, "id");
  return {
    entity: typeof entity === "string" ? entity : "",
    id: typeof id === "string" ? id : "",
  };
}

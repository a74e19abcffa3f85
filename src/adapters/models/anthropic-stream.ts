import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { brokenStream } from "./streaming.ts";

/**
 * Puts the events of a streamed message together to what a whole message would have been.
 *
 * @throws {Error} with code `ECONNRESET` when the stream ends before the message does.
 */
export async function collectMessage(events: AsyncIterable<unknown>): Promise<LooseObject> {
  let text = "";
  let usage: LooseObject = {};
  let reason: unknown = null;
  for await (const event of events) {
    if (!isLooseObject(event)) {
      continue;
    }
    if (event["type"] === "message_start") {
      usage = ownObject(ownObject(event, "message"), "usage");
    } else if (event["type"] === "content_block_delta") {
      text += textOf(ownObject(event, "delta"));
    } else if (event["type"] === "message_delta") {
      reason = ownObject(event, "delta")["stop_reason"];
      usage = { ...usage, ...told(ownObject(event, "usage")) };
    } else if (event["type"] === "message_stop") {
      return { content: [{ type: "text", text }], stop_reason: reason, usage };
    }
  }
  throw brokenStream();
}

function textOf(delta: LooseObject): string {
  return delta["type"] === "text_delta" ? (ownText(delta, "text") ?? "") : "";
}

/** The end of a stream repeats only what has changed. */
function told(usage: LooseObject): LooseObject {
  return Object.fromEntries(
    Object.entries(usage).filter(([, value]) => value !== null && value !== undefined),
  );
}

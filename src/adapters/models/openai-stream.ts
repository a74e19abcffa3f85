import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { objectsOf } from "./reply.ts";
import { brokenStream } from "./streaming.ts";

/**
 * Puts the pieces of a streamed completion together to what a whole one would have been.
 *
 * @throws {Error} with code `ECONNRESET` when the stream ends before the answer does.
 */
export async function collectCompletion(chunks: AsyncIterable<unknown>): Promise<LooseObject> {
  let content = "";
  let refusal: string | null = null;
  let reason: unknown = null;
  let usage: LooseObject = {};
  for await (const chunk of chunks) {
    const [choice = {}] = isLooseObject(chunk) ? objectsOf(chunk["choices"]) : [];
    const delta = ownObject(choice, "delta");
    content += ownText(delta, "content") ?? "";
    refusal = joined(refusal, ownText(delta, "refusal"));
    reason = choice["finish_reason"] ?? reason;
    usage = isLooseObject(chunk) ? { ...usage, ...ownObject(chunk, "usage") } : usage;
  }
  if (reason === null) {
    throw brokenStream();
  }
  return { choices: [{ message: { content, refusal }, finish_reason: reason }], usage };
}

/** Events that bring the whole response. */
const lastEvents: ReadonlySet<unknown> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
]);

/**
 * The response with which a stream of events ends.
 *
 * @throws {Error} with code `ECONNRESET` when the stream ends before the answer does.
 */
export async function collectResponse(events: AsyncIterable<unknown>): Promise<LooseObject> {
  for await (const event of events) {
    if (isLooseObject(event) && lastEvents.has(event["type"])) {
      return ownObject(event, "response");
    }
  }
  throw brokenStream();
}

function joined(text: string | null, more: string | null): string | null {
  return more === null ? text : (text ?? "") + more;
}

import { parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { WholeAnswer } from "./answers.ts";
import { endless, largestAnswer } from "./bounds.ts";
import { broken } from "./exchange.ts";
import type { OpenAnswer } from "./exchange.ts";
import { createStreamReader } from "./stream-reader.ts";

/** True for an answer that tells on its way how far the call is. */
export function isStream({ status, headers }: Pick<OpenAnswer, "status" | "headers">): boolean {
  return status === 200 && /^text\/event-stream\b/u.test(headers["content-type"] ?? "");
}

/**
 * Reads a stream of progress to its end, as if its last message had been the whole answer.
 *
 * @throws {SkeinError} SKN-2922 for one that does not end; a broken exchange when it ends without an answer.
 */
export async function readLiveAnswer(
  answer: OpenAnswer,
  onProgress: (told: LooseObject) => void,
): Promise<WholeAnswer> {
  const read = createStreamReader();
  let size = 0;
  for await (const piece of answer.pieces()) {
    size += piece.length;
    if (size > largestAnswer) {
      answer.drop();
      throw endless();
    }
    for (const { event, data } of read(piece)) {
      if (event === "progress") {
        onProgress(parseLooseObject(data) ?? {});
      } else if (event === "answer" || event === "error") {
        answer.drop();
        return { status: event === "answer" ? 200 : 500, headers: json, text: data };
      }
    }
  }
  throw broken(new Error("its stream ended without an answer"), true);
}

const json = { "content-type": "application/json" };

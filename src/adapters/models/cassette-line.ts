import {
  isLooseObject,
  ownObject,
  ownText,
  parseLooseObject,
} from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { Json } from "../../core/base/json.ts";
import type { Recorded, TokenUsage } from "../../core/models/index.ts";
import { usageOf } from "./reply.ts";

/** A kept answer as a line of a cassette, without the line break. */
export function takeLine(key: string, { model, requestHash, generation }: Recorded): string {
  return JSON.stringify({ key, model, request_hash: requestHash, generation });
}

/** The answers of a cassette by their keys, the last of each; lines that are none are passed over. */
export function readTakes(text: string): ReadonlyMap<string, Recorded> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const take = parseLooseObject(line);
      const key = take === null ? null : ownText(take, "key");
      const recorded = take === null ? null : readRecorded(take);
      return key === null || recorded === null ? [] : [[key, recorded] as const];
    }),
  );
}

function readRecorded(take: LooseObject): Recorded | null {
  const model = ownText(take, "model");
  const requestHash = ownText(take, "request_hash");
  const generation = ownObject(take, "generation");
  const text = ownText(generation, "text");
  const finish = finishOf(generation["finish"]);
  if (model === null || requestHash === null || text === null || finish === null) {
    return null;
  }
  const object = jsonOf(generation["object"]);
  return {
    model,
    requestHash,
    generation: { text, object, usage: readUsage(generation["usage"]), finish },
  };
}

function finishOf(value: unknown): Recorded["generation"]["finish"] | null {
  return value === "stop" || value === "length" || value === "refusal" ? value : null;
}

function readUsage(value: unknown): TokenUsage | null {
  return isLooseObject(value)
    ? usageOf({
        inputTokens: value["inputTokens"],
        outputTokens: value["outputTokens"],
        cacheReadTokens: value["cacheReadTokens"],
        cacheWriteTokens: value["cacheWriteTokens"],
      })
    : null;
}

/** What came out of a line of JSON is JSON. */
function jsonOf(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}

import { hash } from "node:crypto";

import type { Json } from "../../base/json.ts";
import type { Cassette, Recorded } from "../cassette.ts";
import type { GenerateRequest, Generation } from "../language-model.ts";
import type { Model } from "../model.ts";
import { ModelError } from "../model-error.ts";
import type { Policy } from "./policy.ts";

/**
 * What a cassette is for. `cache`: a kept answer is given again, a new one that is complete and of the wanted shape is kept; `record`: every call is made and kept;
 * `replay`: no call is made, and one that was not recorded is refused.
 */
export type TapeMode = "cache" | "record" | "replay";

export interface TapingDeps {
  readonly cassette: Cassette;
  readonly mode: TapeMode;
  /** Those whose answers may stand in the cassette. */
  readonly models: readonly Model[];
}

/**
 * Keeps answers by prompt, seat and occurrence: two seats of one model are two reviewers, and one seat that asks the same twice gets two
 * answers. Answers from the cassette cost nothing and are marked `isCached`.
 *
 * @throws {ModelError} `bad_request` in a replay without the answer.
 */
export function taping(deps: TapingDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      const requestHash = hashOf(promptOf(request));
      const key = keyOf(request, requestHash);
      const kept = deps.mode === "record" ? null : await deps.cassette.find(key);
      const found = kept?.requestHash === requestHash ? restore(kept, request, deps.models) : null;
      if (found !== null) {
        return found;
      }
      if (deps.mode === "replay") {
        throw missing(request);
      }
      const generation = await next.generate(request);
      if (deps.mode === "record" || isGood(generation, request)) {
        await deps.cassette.keep(key, record(generation, requestHash));
      }
      return generation;
    },
  });
}

/** Whoever asks again after half an answer or garbage wants another one. */
function isGood({ finish, object }: Generation, { schema }: GenerateRequest): boolean {
  return finish === "stop" && (schema === undefined || object !== null);
}

/** All that the answer depends on. The run has no part in it: a later run may be given the answer. */
function promptOf(request: GenerateRequest): string {
  const { model, messages, schema, maxOutputTokens, temperature } = request;
  return JSON.stringify([
    model.provider,
    model.id,
    model.takes,
    messages.map(({ role, text }) => [role, text]),
    schema === undefined ? null : [schema.name, schema.json],
    maxOutputTokens,
    temperature,
  ]);
}

function keyOf({ tag }: GenerateRequest, requestHash: string): string {
  return hashOf(JSON.stringify([requestHash, tag.seat, tag.phase, tag.occurrence]));
}

function hashOf(text: string): string {
  return hash("sha256", text);
}

function restore<T>(
  { model: name, generation }: Recorded,
  request: GenerateRequest<T>,
  models: readonly Model[],
): Generation<T> | null {
  const model = [request.model, ...models].find((each) => each.name === name);
  if (model === undefined) {
    return null;
  }
  const object =
    generation.object === null ? null : (request.schema?.parse(generation.object) ?? null);
  return { ...generation, object, model, limits: null, isCached: true };
}

function record(generation: Generation, requestHash: string): Recorded {
  const { text, usage, finish, model } = generation;
  return {
    model: model.name,
    requestHash,
    generation: { text, object: jsonOf(generation.object), usage, finish },
  };
}

/** What JSON keeps of a value. */
function jsonOf(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}

function missing({ tag, model }: GenerateRequest): ModelError {
  const call = `${tag.phase} of ${tag.seat}, occurrence ${String(tag.occurrence)}, model ${model.name}`;
  return new ModelError({
    fault: "bad_request",
    message: `The cassette has no answer to this prompt (${call}). Record it again.`,
    wasSent: false,
  });
}

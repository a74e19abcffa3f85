import type { Json } from "../base/json.ts";
import type { TokenUsage } from "./language-model.ts";

/** One answer of a model as it is kept. */
export interface Recorded {
  /** The name in `skein.yml` of the model that answered. */
  readonly model: string;
  /** SHA-256 of the request, in hex: a record whose request has changed is no answer to it. */
  readonly requestHash: string;
  readonly generation: RecordedGeneration;
}

/** What of a generation is kept: all but who answered (the record's `model`) and the provider's limits of that moment. */
export interface RecordedGeneration {
  readonly text: string;
  /** The text as the schema's object; null where there was none. */
  readonly object: Json;
  readonly usage: TokenUsage | null;
  readonly finish: "stop" | "length" | "refusal";
}

/** Where answers are kept, to be given again without a call. */
export interface Cassette {
  /** The answer that was kept last under the key; null when there is none. */
  find(key: string): Promise<Recorded | null>;
  /** Keeps an answer; one that stood under the key is replaced. It is durable when the promise resolves. */
  keep(key: string, recorded: Recorded): Promise<void>;
}

import type { JsonObject } from "../base/json.ts";
import type { Model } from "./model.ts";

/** One turn of a prompt. */
export interface ModelMessage {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

/** The shape that a reply must have. */
export interface OutputSchema<T> {
  /** Letters, digits and `_`: providers show it to the model. */
  readonly name: string;
  /** JSON Schema, sent where the provider takes one. */
  readonly json: JsonObject;
  /** The value if it has the shape, else null. */
  readonly parse: (value: unknown) => T | null;
}

/** Why a call is made: the ledger, the cassette and the limits tell calls apart by it. */
export interface CallTag {
  /** The swarm or draft that it belongs to, as `R12`. */
  readonly run: string;
  /** Two seats of one model are two reviewers. */
  readonly seat: string;
  /** `generate`, `vote`, `plan`, `check`. */
  readonly phase: string;
  /** From 1; counts the same prompt of the same seat in the same run. */
  readonly occurrence: number;
}

/** One question to one model. */
export interface GenerateRequest<T = unknown> {
  readonly model: Model;
  readonly messages: readonly ModelMessage[];
  readonly schema?: OutputSchema<T> | undefined;
  readonly maxOutputTokens: number;
  /** Null, or a model that takes none: the provider's default. */
  readonly temperature: number | null;
  readonly signal: AbortSignal;
  readonly tag: CallTag;
  /** From 1: which try of the call this is. Written by the retries; callers leave it out. */
  readonly attempt?: number | undefined;
}

/** Tokens of one call. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** What a model said. */
export interface Generation<T = unknown> {
  /** As it came, also where it was cut off. */
  readonly text: string;
  /** The text as the schema's object; null without a schema, or where the text has not the shape. */
  readonly object: T | null;
  /** Null when the provider did not tell. */
  readonly usage: TokenUsage | null;
  /** `length`: cut off at the limit; `refusal`: the model would not answer. */
  readonly finish: "stop" | "length" | "refusal";
  /** Who answered: another model than was asked after a failover. */
  readonly model: Model;
  /** What the provider said of its limits; null when nothing. */
  readonly limits: RateLimits | null;
  /** True when it came from the cache or a cassette, and cost nothing. */
  readonly isCached: boolean;
}

/** A provider's rate-limit headers. */
export interface RateLimits {
  /** Requests in a window; null when not told. */
  readonly requests: number | null;
  readonly remaining: number | null;
  /** Until the window begins anew, in milliseconds from now. */
  readonly resetMs: number | null;
  /** True when it told a time and no span: then `resetMs` is negative when that is over. Default: false. */
  readonly isResetExact?: boolean | undefined;
  /** The limits of tokens that were told with what remains of them. */
  readonly tokenLimits: readonly TokenLimit[];
}

/** One limit of tokens. */
export interface TokenLimit {
  /** The provider's word for it, as `input-tokens`. */
  readonly name: string;
  /** Which tokens of a call it counts. */
  readonly counts: "input" | "output" | "all";
  /** Null when only what remains is told. */
  readonly limit: number | null;
  /** At least so many. */
  readonly remaining: number;
  /** Until all of it is there again, in milliseconds from now; negative when that is over, null when not told. */
  readonly resetMs: number | null;
}

/**
 * The port behind which every provider stands. Policies wrap it: each takes a port and is one.
 *
 * @throws {ModelError} where no answer came.
 */
export interface LanguageModel {
  generate<T>(request: GenerateRequest<T>): Promise<Generation<T>>;
}

import type { LooseObject } from "../../../src/core/base/loose-object.ts";

/** Which of the wire formats a request was in. */
export type WireFormat = "anthropic" | "openai-chat" | "openai-responses";

/** One request as the server got it. */
export interface ModelCall {
  /** From 1, in the order in which the requests came. */
  readonly number: number;
  readonly format: WireFormat;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: LooseObject;
  readonly model: string;
  /** What the system was told; empty when nothing. */
  readonly system: string;
  /** All other turns, joined by blank lines. */
  readonly prompt: string;
  readonly isStreaming: boolean;
  /** The limit of output tokens under whichever name it came; null when none. */
  readonly maxTokens: number | null;
  /** Milliseconds since the server started. */
  readonly atMs: number;
}

/** Tokens as `TokenUsage` counts them: input without what the cache gave or took. */
export interface ServedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
}

/** A usage with nothing left open. */
export type CountedUsage = { readonly [Name in keyof ServedUsage]-?: number };

/** What every answer may say besides. */
interface Answering {
  /** How long the server thinks before its first byte. */
  readonly delayMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A model's answer. */
export interface TextAnswer extends Answering {
  readonly kind: "text";
  readonly text: string;
  /** Null: the server tells no usage. Default: a token for four characters. */
  readonly usage?: ServedUsage | null | undefined;
  /** Default `stop`. */
  readonly finish?: "stop" | "length" | "refusal" | undefined;
  /** Thoughts shown before the answer. */
  readonly thinking?: string | undefined;
}

export type Answer =
  | TextAnswer
  /** An error in the format's own shape. `code` is the provider's word for it, as `insufficient_quota`. */
  | (Answering & {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string | undefined;
      readonly message?: string | undefined;
    })
  /** Any bytes with status 200 (or another). Default type: `application/json`. */
  | (Answering & {
      readonly kind: "garbage";
      readonly body: string;
      readonly status?: number | undefined;
      readonly contentType?: string | undefined;
    })
  /** Half of the bytes of a good answer, then the connection breaks. */
  | (Answering & { readonly kind: "cut"; readonly text: string })
  /** Never ends: nothing at all, or headers and half a body first. */
  | (Answering & { readonly kind: "hang"; readonly after?: "half" | undefined })
  /** The connection breaks before a byte of the answer. */
  | (Answering & { readonly kind: "reset" });

/** What a model of the server refuses, with the very 400s of the providers. Models that are not listed take everything. */
export interface ServedModel {
  /** Refuses any temperature but its default. */
  readonly refusesTemperature?: boolean | undefined;
  /** Chat only: wants `max_completion_tokens`. */
  readonly refusesMaxTokens?: boolean | undefined;
  /** The most output tokens that may be asked for. */
  readonly maxOutputTokens?: number | undefined;
}

/** A text answer. */
export function say(text: string, more: Omit<TextAnswer, "kind" | "text"> = {}): TextAnswer {
  return { kind: "text", text, ...more };
}

/** An error answer. */
export function fail(
  status: number,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly code?: string } = {},
): Answer {
  return { kind: "status", status, ...more };
}

export function usageOf(answer: TextAnswer, call: ModelCall): CountedUsage | null {
  if (answer.usage === null) {
    return null;
  }
  return {
    inputTokens: Math.ceil((call.system.length + call.prompt.length) / 4),
    outputTokens: Math.ceil(answer.text.length / 4),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    ...definedOf(answer.usage ?? {}),
  };
}

function definedOf(usage: Partial<ServedUsage>): Partial<CountedUsage> {
  return Object.fromEntries(Object.entries(usage).filter(([, tokens]) => tokens !== undefined));
}

import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import type { Answer, ModelCall, ServedModel, TextAnswer, WireFormat } from "./call.ts";

/** One server-sent event. */
export interface ServedEvent {
  /** Null: the format names no events. */
  readonly event: string | null;
  readonly data: unknown;
}

/** An error as a provider words it. */
export interface ServedError {
  readonly status: number;
  readonly body: unknown;
}

/** How one provider reads requests and writes answers. */
export interface Wire {
  readonly format: WireFormat;
  /** The end of the path it listens at. */
  readonly path: string;
  read(body: LooseObject): Pick<ModelCall, "system" | "prompt" | "maxTokens">;
  /** The provider's own 400, when the model would not take the request; else null. */
  refuse(call: ModelCall, model: ServedModel): ServedError | null;
  /** The key that the request brought; null when none. */
  keyOf(headers: Readonly<Record<string, string>>): string | null;
  json(answer: TextAnswer, call: ModelCall): unknown;
  events(answer: TextAnswer, call: ModelCall): readonly ServedEvent[];
  error(answer: Extract<Answer, { kind: "status" }>, call: ModelCall): unknown;
}

/** The events as they stand on the wire. `isDone` adds the end mark of OpenAI. */
export function eventStream(events: readonly ServedEvent[], isDone: boolean): string {
  const blocks = events.map(
    ({ event, data }) =>
      `${event === null ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`,
  );
  return blocks.join("") + (isDone ? "data: [DONE]\n\n" : "");
}

/** Cuts a text in pieces, as streams bring it. */
export function pieces(text: string): readonly string[] {
  return text.match(/[\s\S]{1,40}/gu) ?? [""];
}

/** The key of an `authorization: Bearer` header; null when there is none. */
export function bearerOf(headers: Readonly<Record<string, string>>): string | null {
  return /^Bearer (?<key>\S+)$/u.exec(headers["authorization"] ?? "")?.groups?.["key"] ?? null;
}

/** The text of a turn, which is a text or a list of parts with texts. */
export function turnText(content: unknown): string {
  if (typeof content === "string") {
    return content;
  }
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts
    .map((part) =>
      typeof part === "object" && part !== null && "text" in part ? String(part.text) : "",
    )
    .join("\n");
}

export function listOf(value: unknown): readonly LooseObject[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item): item is LooseObject => typeof item === "object" && item !== null);
}

/** The first of the values that is a number; else null. */
export function numberOf(...values: readonly unknown[]): number | null {
  return values.find((value) => typeof value === "number") ?? null;
}

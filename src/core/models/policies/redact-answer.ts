import { withoutInvisible } from "../../base/text.ts";
import type { Generation, OutputSchema } from "../language-model.ts";
import type { Redactor } from "../redaction.ts";

/**
 * Takes secrets out of what a model said. A provider knows its own key, and a reviewer may put together what was split on its way in.
 *
 * The texts of the parsed object are searched one below the other, so that a secret which is divided between two fields is found; what is left is parsed
 * anew. An object that has lost its shape by that is null.
 */
export async function redactAnswer<T>(
  redactor: Redactor,
  answer: Generation<T>,
  schema: OutputSchema<T> | undefined,
): Promise<Generation<T>> {
  const text = await redactText(redactor, plainEscapes(answer.text));
  if (answer.object === null || schema === undefined) {
    return text === null ? answer : { ...answer, text };
  }
  const object = await redactValue(redactor, answer.object);
  if (text === null && object === null) {
    return answer;
  }
  return object === null
    ? { ...answer, text: text ?? answer.text }
    : { ...answer, text: text ?? JSON.stringify(object.value), object: schema.parse(object.value) };
}

/** The text without its secrets; null when there is none in it. */
async function redactText(redactor: Redactor, text: string): Promise<string | null> {
  const redacted = await redactor.redact(text);
  return redacted.found.length === 0 ? null : redacted.text;
}

/** Letters that JSON lets be written as numbers, as themselves; quotes, backslashes and control characters stay as they are. */
function plainEscapes(text: string): string {
  return withoutInvisible(
    text.replaceAll(
      /\\(?:u(?<hex>[\da-f]{4})|(?<slash>\/)|[^])/giu,
      (whole: string, hex: string | undefined, slash: string | undefined) => {
        const letter = hex === undefined ? slash : String.fromCharCode(Number.parseInt(hex, 16));
        return letter === undefined || /["\\\p{Cc}]/u.test(letter) ? whole : letter;
      },
    ),
  );
}

/** The value with its texts redacted; null when there is no secret in them. */
async function redactValue(
  redactor: Redactor,
  value: unknown,
): Promise<{ readonly value: unknown } | null> {
  const texts: string[] = [];
  const seen = mapTexts(value, (text) => {
    const plain = withoutInvisible(text);
    texts.push(plain);
    return plain;
  });
  const redacted = await redactText(redactor, texts.join("\n"));
  if (redacted === null) {
    return null;
  }
  const lines = redacted.split("\n");
  return {
    value: mapTexts(seen, (text) => lines.splice(0, text.split("\n").length).join("\n")),
  };
}

/** A copy of a value of JSON with every text in it mapped, in order. */
function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") {
    return map(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => mapTexts(item, map));
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, map)]))
    : value;
}

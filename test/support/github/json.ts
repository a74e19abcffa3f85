/** JSON as it goes over the wire. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; a field that is `undefined` is not sent. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/**
 * Reads JSON.
 *
 * @throws {SyntaxError} When the text is none.
 */
export function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (!isJson(value)) {
    throw new SyntaxError("The text holds something that JSON has not.");
  }
  return value;
}

function isJson(value: unknown): value is Json {
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) {
    return true;
  }
  return typeof value === "object" && Object.values(value).every(isJson);
}

/** A value as text: strings as they are, all else as JSON. */
export function plainText(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text in a field, null where it is absent, null or no text. */
export function textIn(object: JsonObject, field: string): string | null {
  const value = object[field];
  return typeof value === "string" ? value : null;
}

/** The number in a field, null where it is absent, null or no number. */
export function numberIn(object: JsonObject, field: string): number | null {
  const value = object[field];
  return typeof value === "number" ? value : null;
}

/** The list in a field, empty where it is absent. */
export function listIn(object: JsonObject, field: string): readonly Json[] {
  const value = object[field];
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** The texts of a list of names, or of objects that carry one in `field`. */
export function namesIn(list: readonly Json[], field: string): readonly string[] {
  return list.flatMap((entry) => {
    const name = isObject(entry) ? textIn(entry, field) : entry;
    return typeof name === "string" ? [name] : [];
  });
}

/** The object in a field, null where it is absent. */
export function objectIn(object: JsonObject, field: string): JsonObject | null {
  const value = object[field];
  return isObject(value) ? value : null;
}

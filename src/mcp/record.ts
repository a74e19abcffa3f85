/** An object of unknown fields, as it comes from outside. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own field of something that may be an object; undefined when there is none. */
export function fieldAt(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** An own field that is an object, or undefined. */
export function recordAt(value: unknown, key: string): UnknownRecord | undefined {
  const field = fieldAt(value, key);
  return isRecord(field) ? field : undefined;
}

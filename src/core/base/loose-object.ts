/** An object from outside: its values are read one by one through the readers below, and never through its prototype. */
export type LooseObject = Readonly<Record<string, unknown>>;

/** Tells whether a value is an object with keys: no list, no null. */
export function isLooseObject(value: unknown): value is LooseObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a JSON object; null when the text is no JSON or no object. */
export function parseLooseObject(text: string): LooseObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLooseObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The object's own value under a key, or undefined. */
export function ownValue(object: LooseObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The object's own text under a key, or null. */
export function ownText(object: LooseObject, key: string): string | null {
  const value = ownValue(object, key);
  return typeof value === "string" ? value : null;
}

/** The object's own object under a key, or an empty one. */
export function ownObject(object: LooseObject, key: string): LooseObject {
  const value = ownValue(object, key);
  return isLooseObject(value) ? value : {};
}

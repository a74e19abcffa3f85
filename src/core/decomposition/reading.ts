import { ownValue } from "../base/loose-object.ts";
import type { LooseObject } from "../base/loose-object.ts";

/** The object's own whole number from 0 on under a key, or null. */
export function ownNumber(object: LooseObject, key: string): number | null {
  const value = ownValue(object, key);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Every part of a list read by one reader; null when it is no list or a part is not as it should be. */
export function readAll<T>(value: unknown, read: (part: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) {
    return null;
  }
  const parts: T[] = [];
  for (const part of value) {
    const found = read(part);
    if (found === null) {
      return null;
    }
    parts.push(found);
  }
  return parts;
}

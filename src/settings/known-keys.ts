import { isRecord, partsAt, schemaDefinitions } from "./schema-part.ts";

/** The keys that may stand at a place of the file, in the order of the docs; empty where any name may. */
export function allowedKeys(path: readonly PropertyKey[]): readonly string[] {
  const parts = partsAt(path);
  const own = parts.map(({ properties }) => properties).find(isRecord);
  if (own !== undefined) {
    return Object.keys(own);
  }
  const names = parts.map(({ propertyNames }) => propertyNames).find(isRecord)?.["enum"];
  return Array.isArray(names) ? names.map(String) : [];
}

/** Every key that stands anywhere in the file. */
export function allKeys(): readonly string[] {
  return [...new Set(keysWithin(schemaDefinitions()))];
}

function keysWithin(part: unknown): readonly string[] {
  if (!isRecord(part)) {
    return [];
  }
  const { properties } = part;
  const own = isRecord(properties) ? Object.keys(properties) : [];
  return [...own, ...Object.values(part).flatMap(keysWithin)];
}

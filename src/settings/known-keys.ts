import { settingsJsonSchema } from "./schema.ts";

/** The keys that may stand at a place of the file, in the order of the docs; empty where any name may. */
export function allowedKeys(path: readonly PropertyKey[]): readonly string[] {
  const place = path.reduce(partOf, rootSchema());
  const { properties, propertyNames } = place;
  if (isRecord(properties)) {
    return Object.keys(properties);
  }
  const names = isRecord(propertyNames) ? propertyNames["enum"] : [];
  return Array.isArray(names) ? names.map(String) : [];
}

/** Every key that stands anywhere in the file. */
export function allKeys(): readonly string[] {
  return [...new Set(keysWithin(rootSchema()))];
}

type SchemaPart = Readonly<Record<string, unknown>>;

/** A schema with an id stands among its own definitions. */
function rootSchema(): SchemaPart {
  const schema: unknown = JSON.parse(settingsJsonSchema());
  const definitions = isRecord(schema) ? schema["$defs"] : {};
  const [root] = isRecord(definitions) ? Object.values(definitions) : [];
  return isRecord(root) ? root : {};
}

function partOf({ properties, additionalProperties }: SchemaPart, key: PropertyKey): SchemaPart {
  const own = isRecord(properties) ? properties[String(key)] : undefined;
  const part = own ?? additionalProperties;
  return isRecord(part) ? part : {};
}

function keysWithin(part: unknown): readonly string[] {
  if (!isRecord(part)) {
    return [];
  }
  const { properties } = part;
  const own = isRecord(properties) ? Object.keys(properties) : [];
  return [...own, ...Object.values(part).flatMap(keysWithin)];
}

function isRecord(value: unknown): value is SchemaPart {
  return typeof value === "object" && value !== null;
}

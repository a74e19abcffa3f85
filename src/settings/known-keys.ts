import { settingsJsonSchema } from "./schema.ts";

/** The keys that may stand at a place of the file, in the order of the docs; empty where any name may. */
export function allowedKeys(path: readonly PropertyKey[]): readonly string[] {
  const definitions = schemaDefinitions();
  const place = path.reduce<SchemaPart>(
    (part, key) => resolved(partOf(part, key), definitions),
    rootOf(definitions),
  );
  const { properties, propertyNames } = place;
  if (isRecord(properties)) {
    return Object.keys(properties);
  }
  const names = isRecord(propertyNames) ? propertyNames["enum"] : [];
  return Array.isArray(names) ? names.map(String) : [];
}

/** Every key that stands anywhere in the file. */
export function allKeys(): readonly string[] {
  return [...new Set(keysWithin(schemaDefinitions()))];
}

type SchemaPart = Readonly<Record<string, unknown>>;

/** A schema with an id stands among its own definitions, as the first; parts that hold themselves stand there too. */
function schemaDefinitions(): SchemaPart {
  const schema: unknown = JSON.parse(settingsJsonSchema());
  const definitions = isRecord(schema) ? schema["$defs"] : {};
  return isRecord(definitions) ? definitions : {};
}

function rootOf(definitions: SchemaPart): SchemaPart {
  const [root] = Object.values(definitions);
  return isRecord(root) ? root : {};
}

function partOf(
  { properties, additionalProperties, items }: SchemaPart,
  key: PropertyKey,
): unknown {
  const own = isRecord(properties) ? properties[String(key)] : undefined;
  return own ?? additionalProperties ?? items;
}

/** Follows a reference into the definitions, and takes the part that is not null of what may be null. */
function resolved(part: unknown, definitions: SchemaPart): SchemaPart {
  if (!isRecord(part)) {
    return {};
  }
  const { $ref: reference, anyOf } = part;
  if (typeof reference === "string") {
    return resolved(definitions[reference.replace(/^#\/\$defs\//u, "")], definitions);
  }
  return Array.isArray(anyOf) ? resolved(anyOf[0], definitions) : part;
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

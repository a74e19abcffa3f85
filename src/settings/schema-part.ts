import { settingsJsonSchema } from "./schema.ts";

/** A part of the published JSON Schema. */
export type SchemaPart = Readonly<Record<string, unknown>>;

/** The parts that may stand at a place of the file: several where it takes one of several shapes, none where nothing may stand. */
export function partsAt(path: readonly PropertyKey[]): readonly SchemaPart[] {
  const definitions = schemaDefinitions();
  return path.reduce<readonly SchemaPart[]>(
    (parts, key) => parts.flatMap((part) => optionsOf(below(part, key), definitions)),
    optionsOf(rootOf(definitions), definitions),
  );
}

/** The parts that each entry of a list may have. */
export function entriesOf(part: SchemaPart): readonly SchemaPart[] {
  return optionsOf(part["items"], schemaDefinitions());
}

/** A schema with an id stands among its own definitions, as the first; parts that hold themselves stand there too. */
export const schemaDefinitions: () => SchemaPart = madeOnce(() => {
  const schema: unknown = settingsJsonSchema();
  const definitions = isRecord(schema) ? schema["$defs"] : {};
  return isRecord(definitions) ? definitions : {};
});

/** A file with a thousand faults asks a thousand times. */
function madeOnce<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export function isRecord(value: unknown): value is SchemaPart {
  return typeof value === "object" && value !== null;
}

function rootOf(definitions: SchemaPart): unknown {
  return Object.values(definitions)[0];
}

function below({ properties, additionalProperties, items }: SchemaPart, key: PropertyKey): unknown {
  const own = isRecord(properties) ? properties[String(key)] : undefined;
  return own ?? additionalProperties ?? items;
}

/** Follows references, and takes apart what may be one of several. */
function optionsOf(part: unknown, definitions: SchemaPart): readonly SchemaPart[] {
  if (!isRecord(part)) {
    return [];
  }
  const { $ref: reference, anyOf } = part;
  if (typeof reference === "string") {
    return optionsOf(definitions[reference.replace(/^#\/\$defs\//u, "")], definitions);
  }
  return Array.isArray(anyOf) ? anyOf.flatMap((option) => optionsOf(option, definitions)) : [part];
}

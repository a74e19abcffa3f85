import type { Json, JsonObject } from "../../core/base/json.ts";

/** Words of JSON Schema that providers refuse; what they would forbid is checked when the answer is parsed. */
const refused = new Set([
  "$schema",
  "$id",
  "default",
  "examples",
  "format",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "propertyNames",
]);

/** Words whose values are schemas by name, not words themselves. */
const byName = new Set(["properties", "$defs", "definitions"]);

/** The schema in the part of JSON Schema that providers take: bounds left out, every object closed. */
export function portableSchema(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema)
    .filter(([word]) => !refused.has(word))
    .map(([word, value]) => [word, byName.has(word) ? eachPortable(value) : portable(value)]);
  const isOpen = schema["type"] === "object" && schema["properties"] !== undefined;
  return { ...Object.fromEntries(kept), ...(isOpen ? { additionalProperties: false } : {}) };
}

/** Whether every object names all of its properties as required, as OpenAI's strict mode wants. */
export function isStrict(schema: Json): boolean {
  if (isList(schema)) {
    return schema.every((part) => isStrict(part));
  }
  if (typeof schema !== "object" || schema === null) {
    return true;
  }
  return isClosed(schema) && Object.values(schema).every((part) => isStrict(part));
}

function isClosed({ type, properties, required, additionalProperties }: JsonObject): boolean {
  const names = typeof properties === "object" && properties !== null ? properties : {};
  const named = required !== undefined && isList(required) ? required : [];
  return (
    type !== "object" ||
    (additionalProperties === false && Object.keys(names).every((name) => named.includes(name)))
  );
}

function portable(value: Json): Json {
  if (isList(value)) {
    return value.map((part) => portable(part));
  }
  return typeof value === "object" && value !== null ? portableSchema(value) : value;
}

function eachPortable(value: Json): Json {
  return typeof value === "object" && value !== null && !isList(value)
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, portable(part)]))
    : value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

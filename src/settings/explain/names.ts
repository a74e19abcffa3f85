import { isRecord, schemaDefinitions } from "../schema-part.ts";
import type { SchemaPart } from "../schema-part.ts";

/** A setting: its path, and the same with `*` for each name that people choose, as `providers.*.tier`. */
export interface SettingName {
  readonly path: readonly string[];
  readonly pattern: string;
}

/**
 * Every setting there is, in the order of the docs: those with fixed names, and those below names that people chose in one of some files. A
 * section in which nobody chose a name is one setting, as `providers`.
 */
export function settingNames(files: readonly unknown[]): readonly SettingName[] {
  const [root] = Object.values(schemaDefinitions());
  return below({ path: [], pattern: [] }, root, files);
}

interface Place {
  readonly path: readonly string[];
  readonly pattern: readonly string[];
}

function below(place: Place, part: unknown, written: readonly unknown[]): readonly SettingName[] {
  const { properties, additionalProperties } = resolved(part);
  if (isRecord(properties)) {
    return Object.entries(properties).flatMap(([key, each]) =>
      below(under(place, key, key), each, valuesAt(written, key)),
    );
  }
  const keys = isRecord(additionalProperties) ? keysOf(written) : [];
  return keys.length === 0
    ? [{ path: place.path, pattern: place.pattern.join(".") }]
    : keys.flatMap((key) =>
        below(under(place, key, "*"), additionalProperties, valuesAt(written, key)),
      );
}

function under({ path, pattern }: Place, key: string, as: string): Place {
  return { path: [...path, key], pattern: [...pattern, as] };
}

function resolved(part: unknown): SchemaPart {
  if (!isRecord(part)) {
    return {};
  }
  const { $ref: reference } = part;
  return typeof reference === "string"
    ? resolved(schemaDefinitions()[reference.replace(/^#\/\$defs\//u, "")])
    : part;
}

function valuesAt(written: readonly unknown[], key: string): readonly unknown[] {
  return written.flatMap((each) => (isRecord(each) && key in each ? [each[key]] : []));
}

function keysOf(written: readonly unknown[]): readonly string[] {
  return [...new Set(written.flatMap((each) => (isRecord(each) ? Object.keys(each) : [])))];
}

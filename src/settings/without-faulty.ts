import type { z } from "zod";

import { settingsSchema } from "./schema.ts";
import type { SettingsFile } from "./schema.ts";

/** Sections whose entries stand for themselves. */
const sectionsOfEntries: ReadonlySet<PropertyKey> = new Set(["checks", "providers", "models"]);

/**
 * What is left of a file when each section, provider, model or check that a schema found wrong is taken out, so that the rest can be looked
 * at, too; null when nothing can be made of it.
 */
export function withoutFaulty(
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
): SettingsFile | null {
  const kept: unknown = structuredClone(value);
  for (const issue of issues) {
    const paths =
      issue.code === "unrecognized_keys" && issue.path.length === 0
        ? issue.keys.map((key) => [key])
        : [issue.path];
    for (const path of paths) {
      takeOut(kept, path);
    }
  }
  return settingsSchema.safeParse(kept).data ?? null;
}

function takeOut(value: unknown, path: readonly PropertyKey[]): void {
  const [section = "", entry, at] = path;
  if (section === "rules" && entry === "require" && at !== undefined) {
    replace(value, [section, entry, at], harmlessRule);
  } else {
    remove(value, sectionsOfEntries.has(section) ? path.slice(0, 2) : path.slice(0, 1));
  }
}

/** Stands for a rule that is wrong, so that the others keep their numbers. */
const harmlessRule = { secrets: null };

function replace(value: unknown, path: readonly PropertyKey[], by: unknown): void {
  const parent = path.slice(0, -1).reduce<unknown>(below, value);
  if (typeof parent === "object" && parent !== null) {
    Reflect.set(parent, path.at(-1) ?? "", by);
  }
}

function below(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function remove(value: unknown, path: readonly PropertyKey[]): void {
  const parent = path.slice(0, -1).reduce<unknown>(below, value);
  if (typeof parent === "object" && parent !== null) {
    Reflect.deleteProperty(parent, path.at(-1) ?? "");
  }
}

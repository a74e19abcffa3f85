import { SkeinError } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import { settingsErrors } from "./errors.ts";
import type { SettingsFile } from "./schema.ts";

/** Where a setting's value came from. */
export type SettingOrigin = "flag" | "env" | "file";

/** Values from outside the file, as text. */
export interface Override {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By dotted name. */
  readonly flags: Readonly<Record<string, string>>;
}

export interface Overridden {
  readonly values: SettingsFile;
  readonly origins: ReadonlyMap<string, SettingOrigin>;
}

type Reading = "text" | "number" | "flag" | "list";

const readings: Readonly<Record<string, Reading>> = {
  "integration.branch": "text",
  "integration.method": "text",
  "integration.checks": "list",
  "store.durability": "text",
  "store.connections": "number",
  "store.statement_seconds": "number",
  "bus.kind": "text",
  "audit.anchor": "text",
  "audit.retention_days": "number",
  "leases.minutes": "number",
  "leases.case_insensitive": "flag",
  generated: "list",
  "branches.protected": "list",
  budget_usd: "number",
  profile: "text",
};

/** The settings that a flag or a variable may set, by dotted name. */
export const overrideNames: readonly string[] = Object.keys(readings);

/** The environment variable of a setting: `leases.minutes` is `SKEIN_LEASES_MINUTES`. */
export function variableOf(name: string): string {
  return `SKEIN_${name.replaceAll(".", "_").toUpperCase()}`;
}

/** Puts flags and variables over the values of the file. @throws {SkeinError} SKN-2005 naming the flag or variable. */
export async function applyOverrides(
  file: SettingsFile,
  { env, flags }: Override,
): Promise<Overridden> {
  const origins = originsOf(file);
  const given = new Map<string, Given>();
  for (const name of overrideNames) {
    const text = flags[name] ?? env[variableOf(name)];
    if (text !== undefined && text !== "") {
      const origin = flags[name] === undefined ? "env" : "flag";
      given.set(name, { name, text, origin });
      origins.set(name, origin);
    }
  }
  for (const name of Object.keys(flags)) {
    if (readings[name] === undefined) {
      throw unknownName(name);
    }
  }
  return { values: given.size === 0 ? file : await merge(file, given), origins };
}

interface Given {
  readonly name: string;
  readonly text: string;
  readonly origin: SettingOrigin;
}

function originsOf(file: SettingsFile): Map<string, SettingOrigin> {
  const names = Object.entries(file).flatMap(([section, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? Object.keys(value).map((key) => `${section}.${key}`)
      : [section],
  );
  return new Map(names.map((name) => [name, "file"]));
}

async function merge(file: SettingsFile, given: ReadonlyMap<string, Given>): Promise<SettingsFile> {
  const { settingsSchema } = await import("./schema.ts");
  const values = overridden(file, given);
  const parsed = settingsSchema.safeParse(values);
  if (parsed.success) {
    return parsed.data;
  }
  const { wrongsOf } = await import("./schema-faults.ts");
  const [wrong] = wrongsOf(parsed.error.issues, values);
  const [section = "", key = ""] = (wrong?.path ?? []).map(String);
  const source = given.get(`${section}.${key}`) ?? given.get(section) ?? null;
  throw wrongValue(source, wrong?.what ?? " has a wrong value.");
}

function overridden(
  file: SettingsFile,
  given: ReadonlyMap<string, Given>,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...file };
  for (const { name, text } of given.values()) {
    const [section = "", key] = name.split(".");
    const value = read(readings[name] ?? "text", text);
    values[section] = key === undefined ? value : { ...recordOf(values[section]), [key]: value };
  }
  return values;
}

function recordOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function read(reading: Reading, text: string): unknown {
  switch (reading) {
    case "number":
      return text.trim() === "" ? text : Number(text);
    case "flag":
      return text === "true" || text === "false" ? text === "true" : text;
    case "list":
      return text.split(",").map((part) => part.trim());
    case "text":
    default:
      return text;
  }
}

function wrongValue(given: Given | null, what: string): SkeinError {
  const source = given === null ? "A setting" : sourceOf(given);
  return new SkeinError(settingsErrors.settingsOverride, {
    message: `${source}${what}`,
    facts: given === null ? {} : { setting: given.name, origin: given.origin },
  });
}

function sourceOf({ name, origin }: Given): string {
  return origin === "flag" ? `The flag for \`${name}\`` : `The variable ${variableOf(name)}`;
}

function unknownName(name: string): SkeinError {
  const known = nearest(name, overrideNames);
  const hint = known === null ? "" : ` Did you mean \`${known}\`?`;
  return new SkeinError(settingsErrors.settingsOverride, {
    message: `\`${name}\` is no setting that a flag can give.${hint}`,
    facts: { setting: name },
  });
}

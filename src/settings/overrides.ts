import { SkeinError } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import { settingsErrors } from "./errors.ts";
import type { SettingsFile } from "./schema.ts";

/** Where a setting's value came from. */
export type SettingOrigin = "flag" | "env" | "dotenv" | "file";

/** A value of the `.env` beside `skein.yml`. */
export interface DotEnvValue {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** Values from outside the file, as text. */
export interface Override {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By dotted name. */
  readonly flags: Readonly<Record<string, string>>;
  /** Of a `.env` that counts, by dotted name. */
  readonly dotEnv: ReadonlyMap<string, DotEnvValue>;
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

/**
 * Puts flags over variables over `.env` over the values of the file. @throws {SkeinError} SKN-2005 naming the flag, the variable or the line.
 */
export async function applyOverrides(file: SettingsFile, override: Override): Promise<Overridden> {
  const origins = originsOf(file);
  const given = new Map<string, Given>();
  for (const name of overrideNames) {
    const [highest] = givenFor(name, override);
    if (highest !== undefined) {
      given.set(name, highest);
      origins.set(name, highest.origin);
    }
  }
  for (const name of Object.keys(override.flags)) {
    if (readings[name] === undefined) {
      throw unknownName(name);
    }
  }
  return { values: given.size === 0 ? file : await merge(file, given), origins };
}

/** A setting's value from outside of the file. */
export interface Given {
  /** The setting's dotted name. */
  readonly name: string;
  readonly text: string;
  readonly origin: Exclude<SettingOrigin, "file">;
  /** Where it stands, as `SKEIN_LEASES_MINUTES` or `.env:3`. */
  readonly where: string;
}

/** All that gives a setting's value from outside of the file, the highest rank first. What is empty says nothing. */
export function givenFor(name: string, { env, flags, dotEnv }: Override): readonly Given[] {
  const variable = variableOf(name);
  const local = dotEnv.get(name);
  const all: readonly (Omit<Given, "text"> & { readonly text: string | undefined })[] = [
    { name, origin: "flag", text: flags[name], where: `the flag for \`${name}\`` },
    { name, origin: "env", text: env[variable], where: variable },
    { name, origin: "dotenv", text: local?.text, where: `.env:${String(local?.line)}` },
  ];
  return all.flatMap(({ text, ...rest }) =>
    text === undefined || text === "" ? [] : [{ ...rest, text }],
  );
}

/** The text of a variable as the file would say it; text that cannot be read so stays as it is. */
export function readGiven({ name, text }: Pick<Given, "name" | "text">): unknown {
  return read(readings[name] ?? "text", text);
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
  for (const each of given.values()) {
    const [section = "", key] = each.name.split(".");
    const value = readGiven(each);
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

function sourceOf({ name, origin, where }: Given): string {
  switch (origin) {
    case "flag":
      return `The flag for \`${name}\``;
    case "env":
      return `The variable ${where}`;
    case "dotenv":
      return `${variableOf(name)} in ${where.replace(":", ", line ")}`;
    default:
      return origin satisfies never;
  }
}

function unknownName(name: string): SkeinError {
  const known = nearest(name, overrideNames);
  const hint = known === null ? "" : ` Did you mean \`${known}\`?`;
  return new SkeinError(settingsErrors.settingsOverride, {
    message: `\`${name}\` is no setting that a flag can give.${hint}`,
    facts: { setting: name },
  });
}

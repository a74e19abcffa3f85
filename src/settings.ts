import { hash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readPlainFile } from "./adapters/process/plain-file.ts";
import { SkeinError } from "./core/base/errors.ts";
import { NoUtf8Error, textOf } from "./core/base/utf8-text.ts";
import type { Policy } from "./core/rules/index.ts";
import { settingsErrors } from "./settings/errors.ts";
import { applyOverrides } from "./settings/overrides.ts";
import type { DotEnvValue, SettingOrigin } from "./settings/overrides.ts";
import type { SettingsFile } from "./settings/schema.ts";
import { toSettings } from "./settings/values.ts";
import type { CheckSetting, Settings } from "./settings/values.ts";

export { isSwitchedOn, keptFree, trustedProviders, wordOf } from "./settings/machine.ts";
export { modelParts } from "./settings/model-parts.ts";
export { settingsErrors } from "./settings/errors.ts";
export { overrideNames, variableOf } from "./settings/overrides.ts";
export type { DotEnvValue, SettingOrigin } from "./settings/overrides.ts";
export { longestTryMs } from "./settings/models.ts";
export type { ModelSetting, PriceSetting, ProviderSetting } from "./settings/models.ts";
export type {
  BudgetSettings,
  FeatureSettings,
  ProfileSetting,
  ReviewSetting,
} from "./settings/swarm.ts";
export { limitsOf } from "./settings/limits.ts";
export type { AuthSettings, OidcSettings } from "./settings/auth.ts";
export type { GithubSetting, PullReviewSetting } from "./settings/github.ts";
export type {
  AuditSettings,
  BranchSettings,
  BusSettings,
  CheckSetting,
  Settings,
} from "./settings/values.ts";

export interface LoadedSettings {
  readonly settings: Settings;
  /** The file that was read, relative to the root, or null when there is none. */
  readonly file: string | null;
  /** By dotted name, as `leases.minutes`. */
  readonly origins: ReadonlyMap<string, SettingOrigin>;
}

export interface SettingsRequest {
  /** The top of the worktree. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `${NAME}` in the file stands for. Default: `env`. */
  readonly variables?: SettingsRequest["env"] | undefined;
  /** By dotted name, as `integration.method`; the highest rank. */
  readonly flags?: Readonly<Record<string, string>> | undefined;
  /** Of a `.env` that counts (`worktree-settings.ts`), by dotted name; below variables, above the file. Default: none. */
  readonly dotEnv?: ReadonlyMap<string, DotEnvValue> | undefined;
  /** The text of the settings file, when the caller has it; null when it knows that there is none; default: the file under `root`. */
  readonly text?: string | null | undefined;
  /** The name of the file that has this text, for errors. Default: `skein.yml`. */
  readonly textFile?: string | undefined;
  /** Where to keep the validated file, so that the next process need not load a parser; default: nowhere. */
  readonly cacheFile?: string | undefined;
}

/** The places of the settings file, the first that exists counts. */
export const settingsFiles: readonly string[] = ["skein.yml", ".github/skein.yml"];

/**
 * Reads the settings: flags before `SKEIN_…` variables before those of a `.env` before the file before the defaults.
 *
 * @throws {SkeinError} SKN-2001 to SKN-2006, with file, line and column or the name of the flag or variable.
 */
export async function loadSettings(request: SettingsRequest): Promise<LoadedSettings> {
  const found = findSettings(request);
  const written = found === null ? {} : await validate(request, found);
  const { values, origins } = await applyOverrides(written, {
    env: request.env,
    flags: request.flags ?? {},
    dotEnv: request.dotEnv ?? new Map(),
  });
  return { settings: toSettings(values), file: found?.file ?? null, origins };
}

/** The named commands in the text of a `skein.yml`; the rest of it and the environment have no part in them. */
export async function parseChecks(
  text: string,
  file: string,
): Promise<ReadonlyMap<string, CheckSetting>> {
  const { parseCommittedChecks } = await import("./settings/file.ts");
  return parseCommittedChecks(text, file);
}

/**
 * What the text of a committed `skein.yml` says of rules, whoever fetched it from the default branch: the `Policy` of core's rules. The rest
 * of it and the environment have no part in it. @throws {SkeinError} SKN-2001 to SKN-2004, with file, line and column.
 */
export async function parseRulesSettings(text: string, file: string): Promise<Policy> {
  const { parseCommittedRules } = await import("./settings/file.ts");
  return parseCommittedRules(text, file);
}

interface FoundFile {
  readonly file: string;
  readonly text: string;
}

/** Reads without waiting: hooks do this on every edit. */
function findSettings({ root, text: given, textFile }: SettingsRequest): FoundFile | null {
  if (given !== undefined) {
    return given === null ? null : { file: textFile ?? "skein.yml", text: given };
  }
  for (const file of settingsFiles) {
    const text = readText(join(root, file));
    if (text !== null) {
      return { file, text };
    }
  }
  return null;
}

const maxFileBytes = 1_048_576;

/** A clone may bring a link to a device that has no end, or a pipe. */
function readText(path: string): string | null {
  const found = readPlainFile(path, maxFileBytes);
  switch (found.kind) {
    case "none":
      return null;
    case "unusable":
      throw unreadable(
        `${path} ${found.why}.`,
        "Make it a readable file of your own.",
        found.cause,
      );
    case "bytes":
      return textIn(path, found.bytes);
    default:
      return found satisfies never;
  }
}

function textIn(path: string, bytes: Buffer): string {
  try {
    return textOf(bytes);
  } catch (error) {
    if (error instanceof NoUtf8Error) {
      const message = `${path} ${error.message.replace(/^it /u, "")}.`;
      throw unreadable(message, "Save it as UTF-8.", error);
    }
    throw error;
  }
}

function unreadable(message: string, fix: string, cause: unknown): SkeinError {
  return new SkeinError(settingsErrors.settingsSyntax, { message, fix, cause });
}

/** Changes with the meaning of the cached values, so that an older cache is not read. */
const cacheFormat = "2";

async function validate(request: SettingsRequest, found: FoundFile): Promise<SettingsFile> {
  // A file with variables means something else in another environment.
  const cacheFile = found.text.includes("${") ? undefined : request.cacheFile;
  const key = hash("sha256", `${cacheFormat}\0${found.file}\0${found.text}`);
  const cached = cacheFile === undefined ? null : readCache(cacheFile, key);
  if (cached !== null) {
    return cached;
  }
  const { parseSettings } = await import("./settings/file.ts");
  const values = parseSettings({ ...found, env: request.variables ?? request.env });
  if (cacheFile !== undefined) {
    writeCache(cacheFile, { key, values });
  }
  return values;
}

interface CachedFile {
  readonly key: string;
  readonly values: SettingsFile;
}

function readCache(file: string, key: string): SettingsFile | null {
  try {
    const cached: CachedFile = JSON.parse(readFileSync(file, "utf8"));
    return cached.key === key ? cached.values : null;
  } catch {
    return null;
  }
}

/** The cache only saves time: a folder that cannot be written is no reason to fail. */
function writeCache(file: string, cached: CachedFile): void {
  const fresh = `${file}.${String(process.pid)}`;
  try {
    writeFileSync(fresh, JSON.stringify(cached), { mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    rmSync(fresh, { force: true });
  }
}

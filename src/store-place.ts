import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { readOwnFile } from "./adapters/process/own-file.ts";
import type { Repository } from "./adapters/git/index.ts";
import { SkeinError } from "./core/base/errors.ts";
import { ownText, parseLooseObject } from "./core/base/loose-object.ts";
import { settingsErrors } from "./settings.ts";
import type { Settings } from "./settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where a project's rows are. */
export type StorePlace =
  | { readonly kind: "sqlite"; readonly file: string }
  | {
      readonly kind: "postgres";
      /** The database's address, or a reference to it, as `env:NAME` or `file:/path`. Never shown as it is. */
      readonly reference: string;
      /** The project's name there, as `acme/shop`. */
      readonly project: string;
    };

/** The variable that names the database; `sqlite` in it means the repository's own file. */
export const databaseVariable = "SKEIN_DATABASE_URL";

/** The variable that names the project in a database. */
export const projectVariable = "SKEIN_PROJECT";

/** Every table's key in a repository's own file: the file is the project. */
export const localProject = "local";

/** Where a repository keeps what belongs to this machine, its own database among it. */
export function storeDirOf(repository: Repository): string {
  return join(repository.commonDir, "skein");
}

export function databaseOf(storeDir: string): string {
  return join(storeDir, "skein.db");
}

/** True when a repository is coordinated: somebody set Skein up in it, or the environment names a database. */
export function hasStore(repository: Repository, env: Env): boolean {
  return hasFile(storeDirOf(repository)) || usesDatabase(repository, env);
}

/** True when a database server keeps a repository's rows: the environment names one, or `init` wrote one down. */
export function usesDatabase(repository: Repository, env: Env): boolean {
  const reference = givenReference(env) ?? readPin(storeDirOf(repository))?.reference ?? null;
  return reference !== null && reference !== "sqlite";
}

function hasFile(dir: string): boolean {
  // Whatever has its name: what is no file is then told as broken, not as missing.
  return statSync(databaseOf(dir), { throwIfNoEntry: false }) !== undefined;
}

export interface PlaceRequest {
  readonly repository: Repository;
  readonly env: Env;
  readonly settings: Settings;
}

/**
 * Tells where a repository's rows are: where the flag or the variable says, else where `init` pinned them, else in its own file.
 *
 * What `skein.yml` says counts only for `init`, which a person runs: a file that comes with a clone must not choose where this machine sends
 * what its agents do, nor take a clone that is coordinated away from its ledger.
 *
 * @throws {SkeinError} SKN-2023 where only `skein.yml` names a database.
 */
export function findPlace({ repository, env, settings }: PlaceRequest): StorePlace {
  const dir = storeDirOf(repository);
  const pin = readPin(dir);
  const reference = givenReference(env) ?? pin?.reference ?? null;
  if (reference === null && settings.store.url !== null && !hasFile(dir)) {
    throw new SkeinError(settingsErrors.databaseNotAgreed);
  }
  return placeAt(reference, { repository, env, settings });
}

/** The project that the flag or the variable names; null: neither does. @throws {SkeinError} SKN-2024. */
export function givenProject(env: Env): string | null {
  const given = filled(env[projectVariable]);
  return given === null ? null : parseProjectName(given);
}

/** The database that the environment names, for a server that stands in no repository; null where it names none. */
export function givenPlace(env: Env): StorePlace | null {
  const reference = givenReference(env);
  return reference === null || reference === "sqlite"
    ? null
    : { kind: "postgres", reference, project: filled(env[projectVariable]) ?? localProject };
}

/** As `findPlace`, for `init`: a clone that has no ledger yet follows its `skein.yml`. */
export function choosePlace(request: PlaceRequest): StorePlace {
  const dir = storeDirOf(request.repository);
  const given = givenReference(request.env) ?? readPin(dir)?.reference ?? null;
  const { url } = request.settings.store;
  return placeAt(given ?? (hasFile(dir) ? null : url), request);
}

function placeAt(
  reference: string | null,
  { repository, env, settings }: PlaceRequest,
): StorePlace {
  if (reference === null || reference === "sqlite") {
    return { kind: "sqlite", file: databaseOf(storeDirOf(repository)) };
  }
  const given = filled(env[projectVariable]);
  const pinned = readPin(storeDirOf(repository))?.project;
  const project = given ?? pinned ?? settings.store.project ?? projectNameOf(repository);
  return { kind: "postgres", reference, project: parseProjectName(project) };
}

/** Secrets that are mounted as files are named by their path in `SKEIN_DATABASE_URL_FILE`. */
function givenReference(env: Env): string | null {
  const file = filled(env[`${databaseVariable}_FILE`]?.trim());
  return filled(env[databaseVariable]?.trim()) ?? (file === null ? null : `file:${file}`);
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

/** @throws {SkeinError} SKN-2024 for a name that no project can have. */
export function parseProjectName(name: string): string {
  if (name.length > 120 || !/^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*){0,3}$/u.test(name)) {
    throw new SkeinError(settingsErrors.projectName, { facts: { project: name.slice(0, 200) } });
  }
  return name;
}

/** The name that clones of one repository share: `owner/name` of the remote `origin`, else that of the folder. */
export function projectNameOf(repository: Repository): string {
  const remote = originOf(repository);
  const path = remote === null ? null : pathOfRemote(remote);
  return plainProjectName(path ?? basename(folderOf(repository)));
}

/** A project's name from the end of a path, as `acme/shop` from `Acme/Shop`. */
export function plainProjectName(path: string): string {
  const name = path
    .split("/")
    .slice(-2)
    .map((part) => part.toLowerCase().replaceAll(/[^a-z0-9._-]+/gu, "-"))
    .map((part) => part.replace(/^[._-]+/u, ""))
    .filter((part) => part !== "")
    .join("/");
  return name === "" ? "project" : name;
}

/** All worktrees of a repository are one project. */
function folderOf({ commonDir }: Repository): string {
  const isDotGit = basename(commonDir) === ".git";
  return isDotGit ? join(commonDir, "..") : commonDir.replace(/\.git$/u, "");
}

function originOf({ commonDir }: Repository): string | null {
  let section = "";
  let url: string | null = null;
  for (const line of readOrEmpty(join(commonDir, "config")).split("\n")) {
    section = /^\s*\[(.+)\]\s*$/u.exec(line)?.[1] ?? section;
    if (section === 'remote "origin"') {
      url ??= /^\s*url\s*=\s*(\S+)\s*$/u.exec(line)?.[1] ?? null;
    }
  }
  return url;
}

/** The path in `https://host/owner/name.git`, `git@host:owner/name` or `/srv/git/name`; null where there is none. */
function pathOfRemote(remote: string): string | null {
  const path = /^(?:\w[\w+.-]*:\/\/[^/]*|[^/:]+:)?(.*)$/u.exec(remote)?.[1] ?? "";
  const plain = path
    .replace(/\/+$/u, "")
    .replace(/\.git$/u, "")
    .replace(/^\/+/u, "");
  return plain === "" ? null : plain;
}

/** What `init` wrote down on this machine. */
export interface StorePin {
  readonly reference: string;
  readonly project: string;
}

function pinFile(dir: string): string {
  return join(dir, "store.json");
}

/** Null where nothing was written down. @throws {SkeinError} SKN-2025 when the file is no such note, or others may have written it. */
export function readPin(dir: string): StorePin | null {
  const file = pinFile(dir);
  const found = readOwnFile(file, "read");
  if (found.kind === "none") {
    return null;
  }
  if (found.kind === "unusable") {
    throw badPin(file, found.why, found.cause);
  }
  const pin = parseLooseObject(found.text);
  const reference = pin === null ? null : ownText(pin, "url");
  const project = pin === null ? null : ownText(pin, "project");
  if (reference === null || project === null) {
    throw badPin(file, "It is no note of a database.");
  }
  return { reference, project };
}

function badPin(file: string, why: string, cause?: unknown): SkeinError {
  return new SkeinError(settingsErrors.badPin, {
    message: `${file} cannot be used. ${why}`,
    facts: { file },
    cause,
  });
}

/** Writes down where this clone's rows are, for hooks and servers that are started without the flag; a SQLite place takes it back. */
export function writePin(dir: string, place: StorePlace): void {
  if (place.kind === "sqlite") {
    rmSync(pinFile(dir), { force: true });
    return;
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fresh = `${pinFile(dir)}.${String(process.pid)}`;
  const text = JSON.stringify({ url: place.reference, project: place.project }, null, 2);
  writeFileSync(fresh, `${text}\n`, { mode: 0o600 });
  renameSync(fresh, pinFile(dir));
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

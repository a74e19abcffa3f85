import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { createFileDoorbell } from "./adapters/bus/file-doorbell.ts";
import { createWorkspace, gitErrors, locateRepository } from "./adapters/git/index.ts";
import type { Repository } from "./adapters/git/index.ts";
import { createTimeSource, systemRandom } from "./adapters/process/clock.ts";
import { createProcessProbe } from "./adapters/process/probe.ts";
import { createRoomProbe } from "./adapters/process/room.ts";
import { createFileShelf } from "./adapters/process/shelf.ts";
import { residentBytes } from "./adapters/process/memory.ts";
import { idleTimer, systemTimer } from "./adapters/process/timer.ts";
import { SkeinError } from "./core/base/errors.ts";
import { createSkein, migrations, readHead } from "./core/index.ts";
import type { Skein, Store } from "./core/index.ts";
import { openSqliteStore } from "./core/store/index.ts";
import type { OpenSqlite } from "./core/store/index.ts";
import { loadSettings, parseChecks } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** Where and how to open a project. */
export interface OpenOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settings given on the command line, by dotted name. */
  readonly flags?: Readonly<Record<string, string>> | undefined;
  /** Settings to go by in place of those that are written down, for whoever looks at what is wrong with these. */
  readonly settings?: Settings | undefined;
  /** Opens the database's file. Default better-sqlite3. */
  readonly openDriver?: OpenSqlite | undefined;
}

/** A project that is open on this machine. */
export interface OpenProject {
  readonly skein: Skein;
  readonly repository: Repository;
  readonly settings: Settings;
  /** The folder that holds the database and its doorbell, in the git directory that all worktrees share. */
  readonly storeDir: string;
}

/** Every table's key in a repository's own file: the file is the project. */
export const localProject = "local";

/** The repository around a folder. @throws {SkeinError} SKN-5951 when there is none. */
export function needRepository(cwd: string): Repository {
  const repository = locateRepository(cwd);
  if (repository === null) {
    throw new SkeinError(gitErrors.noRepository, { facts: { cwd } });
  }
  return repository;
}

/** Where a repository keeps its coordination. */
export function storeDirOf(repository: Repository): string {
  return join(repository.commonDir, "skein");
}

export function databaseOf(storeDir: string): string {
  return join(storeDir, "skein.db");
}

/** True when a repository is coordinated: somebody opened a project in it before. */
export function hasStore(repository: Repository): boolean {
  return existsSync(databaseOf(storeDirOf(repository)));
}

/** Opens the project of the repository around a folder, and makes its store when it has none. */
export async function openProject(options: OpenOptions): Promise<OpenProject> {
  const { openDriver, env } = options;
  const repository = needRepository(options.cwd);
  const storeDir = storeDirOf(repository);
  const settings = options.settings ?? (await settingsOf(repository, options));
  const store = await openSqliteStore({
    file: databaseOf(storeDir),
    project: localProject,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: { synchronous: settings.store.durability },
    openDriver,
  });
  return {
    skein: over(store, { repository, settings, storeDir, env }),
    repository,
    settings,
    storeDir,
  };
}

async function settingsOf(repository: Repository, { env, flags }: OpenOptions): Promise<Settings> {
  const loaded = await loadSettings({
    root: repository.root,
    env,
    flags,
    cacheFile: hasStore(repository) ? join(storeDirOf(repository), "settings.json") : undefined,
  });
  return loaded.settings;
}

interface Surroundings extends Omit<OpenProject, "skein"> {
  readonly env: OpenOptions["env"];
}

function over(store: Store, { repository, settings, storeDir, env }: Surroundings): Skein {
  const { caseInsensitive, durationMs } = settings.leases;
  return createSkein({
    store,
    doorbell: createFileDoorbell({
      file: join(storeDir, "doorbell"),
      mark: () => readMark(store),
    }),
    random: systemRandom,
    timer: systemTimer,
    probe: createProcessProbe(),
    policy: {
      caseInsensitive: caseInsensitive === "auto" ? repository.ignoresCase : caseInsensitive,
    },
    pathKind: (path) => pathKind(join(repository.root, path)),
    leaseMs: durationMs,
    room: createRoomProbe(storeDir, env),
    shelf: createFileShelf(join(storeDir, "archive")),
    exempt: settings.generated,
    memoryBytes: residentBytes,
    flushTimer: idleTimer,
    workspace: createWorkspace({ root: repository.root, env, parseChecks }),
  });
}

/** Grows with every event, so that a watcher sees that it missed a ring. */
async function readMark(store: Store): Promise<number> {
  const head = await store.read((reader) => readHead(reader));
  return head.seq;
}

function pathKind(path: string): "file" | "directory" | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return null;
  }
  return stats.isDirectory() ? "directory" : "file";
}

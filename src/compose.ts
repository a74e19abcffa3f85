import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { createFileBus } from "./adapters/bus/file-bus.ts";
import { createWorkspace, gitErrors, locateRepository } from "./adapters/git/index.ts";
import { currentWorktree } from "./adapters/git/worktree-in-use.ts";
import type { Repository } from "./adapters/git/index.ts";
import { currentCaller } from "./adapters/process/caller.ts";
import { createTimeSource, systemRandom } from "./adapters/process/clock.ts";
import { createProcessProbe, createSharedProcessProbe } from "./adapters/process/probe.ts";
import { createRoomProbe } from "./adapters/process/room.ts";
import { createFileShelf } from "./adapters/process/shelf.ts";
import { residentBytes } from "./adapters/process/memory.ts";
import { idleTimer, systemTimer } from "./adapters/process/timer.ts";
import { closeAll } from "./core/base/closing.ts";
import { SkeinError } from "./core/base/errors.ts";
import type { Bus, BusHealth } from "./core/events/index.ts";
import { createSkein, migrations, readHead } from "./core/index.ts";
import type { Skein, Store } from "./core/index.ts";
import { openSqliteStore, parseDatabaseUrl, tellingLongLine } from "./core/store/index.ts";
import type { OpenSqlite, TellLongLine } from "./core/store/index.ts";
import { keepable, openOwnStore, queueOfMany, resolveDatabase } from "./compose-database.ts";
import type { WokenStore } from "./compose-database.ts";
import { keptFree, limitsOf, parseChecks } from "./settings.ts";
import { watchSettings } from "./settings-watch.ts";
import type { Settings } from "./settings.ts";
import {
  choosePlace,
  findPlace,
  hasStore,
  localProject,
  storeDirOf,
  writePin,
} from "./store-place.ts";
import type { StorePlace } from "./store-place.ts";
import { loadWorktreeSettings } from "./worktree-settings.ts";

export {
  databaseOf,
  hasStore,
  localProject,
  plainProjectName,
  storeDirOf,
  usesDatabase,
} from "./store-place.ts";
export type { StorePlace } from "./store-place.ts";

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
  /** True: writers of this process that wait at the same time share one transaction; see `SqliteSettings`. Default false. */
  readonly groupCommit?: boolean | undefined;
  /** What to do with a project that a database server does not know. Default `refuse`; a file is always made. */
  readonly unknownProject?: "add" | "refuse" | undefined;
  /** Told when what wakes the other processes goes down and when it is well again. */
  readonly onBusChange?: ((health: BusHealth) => void) | undefined;
  /** Told when the line of those who want to write in this process is nearly full. */
  readonly onLongLine?: TellLongLine | undefined;
  /** Follows `skein.yml` while the project is open, and tells what came of it. Default: what it says at the start holds to the end. */
  readonly follow?: FollowSettings | undefined;
}

export interface FollowSettings {
  log(this: void, line: string): void;
}

/** A project that is open on this machine. */
export interface OpenProject {
  readonly skein: Skein;
  readonly repository: Repository;
  readonly settings: Settings;
  /** The folder of what belongs to this machine, in the git directory that all worktrees share: a SQLite database and its doorbell too. */
  readonly storeDir: string;
  /** Where the rows are. */
  readonly place: StorePlace;
  /** What wakes the other processes; it ends with the Skein. */
  readonly bus: Bus;
}

/** A project with its repository, whoever opened its store. */
export type RepositoryProject = Omit<OpenProject, "place" | "bus">;

/** The repository around a folder. @throws {SkeinError} SKN-5951 when there is none. */
export function needRepository(cwd: string): Repository {
  const repository = locateRepository(cwd);
  if (repository === null) {
    throw new SkeinError(gitErrors.noRepository, { facts: { cwd } });
  }
  return repository;
}

/** Opens the project of the repository around a folder, and makes its store when it has none. */
export async function openProject(options: OpenOptions): Promise<OpenProject> {
  const repository = needRepository(options.cwd);
  const settings = options.settings ?? (await settingsOf(repository, options));
  const place = findPlace({ repository, env: options.env, settings });
  return openAt(place, { repository, settings, options });
}

/**
 * Sets up the store of the repository around a folder, for `skein init`: where the flag, the variable or else `skein.yml` says. What was
 * chosen is written down, so that hooks and servers find it; the project is added where a database does not know it.
 */
export async function setUpStore(options: OpenOptions): Promise<OpenProject> {
  const repository = needRepository(options.cwd);
  const settings = options.settings ?? (await settingsOf(repository, options));
  const place = choosePlace({ repository, env: options.env, settings });
  const project = await openAt(place, {
    repository,
    settings,
    options: { ...options, unknownProject: "add" },
  });
  writePin(
    project.storeDir,
    place.kind === "sqlite" ? place : { ...place, reference: keepable(place.reference) },
  );
  return project;
}

/** Where `setUpStore` would put the rows, in words. */
export interface StoreChoice {
  /** The file's path, or the database's address without password. */
  readonly shown: string;
  /** The project's name in the database; null for a file. */
  readonly project: string | null;
  /** True where only `skein.yml` names the database: a person is to agree to it. */
  readonly needsAgreement: boolean;
  /** Where the token for a server comes from, as `env:NAME`: whoever agrees to the server agrees to that, too. Default: nowhere. */
  readonly token?: string | null | undefined;
}

/** Tells what `setUpStore` would choose; opens nothing. @throws {SkeinError} SKN-2021, SKN-2971, SKN-397x. */
export async function describeStore(options: OpenOptions): Promise<StoreChoice> {
  const repository = needRepository(options.cwd);
  const { env } = options;
  const settings = await settingsOf(repository, options);
  const place = choosePlace({ repository, env, settings });
  if (place.kind === "sqlite") {
    return { shown: place.file, project: null, needsAgreement: false };
  }
  const { shown } = parseDatabaseUrl(await resolveDatabase({ reference: place.reference, env }));
  return { shown, project: place.project, needsAgreement: !hasStore(repository, env) };
}

interface Opening {
  readonly repository: Repository;
  readonly settings: Settings;
  readonly options: OpenOptions;
}

async function openAt(
  place: StorePlace,
  { repository, settings, options }: Opening,
): Promise<OpenProject> {
  const storeDir = storeDirOf(repository);
  // A wrong variable is told before there is anything to close.
  keptFree(options.env);
  const opened = await openStore(place, { storeDir, settings, options });
  const [{ root, ignoresCase }, { env, flags, follow }] = [repository, options];
  const watch = followSettings({ root, env, flags, settings, follow });
  const { bus } = opened;
  const around = { root, storeDir, settings, env, ignoresCase, bus, leaseMs: watch.leaseMs };
  const store = tellingLongLine(opened.store, options.onLongLine);
  const skein = closing(createProjectSkein(store, around), watch.close);
  return { skein, repository, settings, storeDir, place, bus };
}

/** What a running process takes over of settings that change. */
export interface FollowedSettings {
  readonly leaseMs: () => number;
  readonly close: () => void;
}

/** Follows the settings of a folder where that is asked for. */
export function followSettings(
  request: Pick<OpenOptions, "env" | "flags" | "follow"> & {
    readonly root: string;
    readonly settings: Settings;
  },
): FollowedSettings {
  const { follow, settings: first } = request;
  if (follow === undefined) {
    return { leaseMs: () => first.leases.durationMs, close: () => {} };
  }
  const watch = watchSettings({ ...request, ...follow, first, timer: idleTimer });
  return {
    leaseMs: () => watch.current().leases.durationMs,
    close: () => {
      watch.close();
    },
  };
}

function closing(skein: Skein, first: () => void): Skein {
  return {
    ...skein,
    close: async () => {
      await closeAll([first, async () => skein.close()]);
    },
  };
}

async function openStore(
  place: StorePlace,
  { storeDir, settings, options }: Omit<Opening, "repository"> & { readonly storeDir: string },
): Promise<WokenStore> {
  const { env, openDriver, unknownProject = "refuse", groupCommit = false, onBusChange } = options;
  if (place.kind === "postgres") {
    mkdirSync(storeDir, { recursive: true, mode: 0o700 });
    return openOwnStore(place, { env, settings, unknownProject, onBusChange });
  }
  const store = await openSqliteStore({
    file: place.file,
    project: localProject,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: {
      synchronous: settings.store.durability,
      ...(groupCommit ? { groupCommit, queueLimit: queueOfMany } : {}),
    },
    openDriver,
  });
  const bus = createFileBus({ file: join(storeDir, "doorbell"), onChange: onBusChange });
  return { store, bus };
}

async function settingsOf(repository: Repository, { env, flags }: OpenOptions): Promise<Settings> {
  const loaded = await loadWorktreeSettings({
    root: repository.root,
    env,
    flags,
    cacheFile: hasStore(repository, env)
      ? join(storeDirOf(repository), "settings.json")
      : undefined,
  });
  return loaded.settings;
}

/** Where a Skein stands on this machine. */
export interface Surroundings {
  /** The worktree that paths and git commands are about; null: it is on another machine, and nothing of this disk says what a path is. */
  readonly root: string | null;
  readonly storeDir: string;
  readonly settings: Settings;
  readonly env: OpenOptions["env"];
  /** What git noted of this disk. Default false. */
  readonly ignoresCase?: boolean | undefined;
  readonly bus: Bus;
  /** How long a lease lasts now. Default: as the settings say. */
  readonly leaseMs?: (() => number) | undefined;
}

/** Puts a project's Skein together over its open store. */
export function createProjectSkein(store: Store, around: Surroundings): Skein {
  const { root, storeDir, settings, env, ignoresCase = false } = around;
  const { caseInsensitive, durationMs } = settings.leases;
  return createSkein({
    store,
    doorbell: around.bus.doorbell({ project: store.project, mark: () => readMark(store) }),
    caller: currentCaller,
    random: systemRandom,
    timer: systemTimer,
    probe: store.dialect === "postgres" ? createSharedProcessProbe() : createProcessProbe(),
    policy: {
      caseInsensitive: caseInsensitive === "auto" ? ignoresCase : caseInsensitive,
    },
    pathKind: (path) => pathKind(currentWorktree() ?? root, path),
    leaseMs: around.leaseMs ?? durationMs,
    mayDegrade: settings.features.sequentialFallback,
    limits: limitsOf(settings.limits, store.project),
    room: createRoomProbe(storeDir, keptFree(env)),
    shelf: createFileShelf(join(storeDir, "archive")),
    exempt: settings.generated,
    memoryBytes: residentBytes,
    flushTimer: idleTimer,
    workspace: createWorkspace({ root: root ?? storeDir, env, parseChecks }),
  });
}

/** Grows with every event, so that a watcher sees that it missed a ring. */
async function readMark(store: Store): Promise<number> {
  const head = await store.glance((reader) => readHead(reader));
  return head.seq;
}

function pathKind(root: string | null, path: string): "file" | "directory" | null {
  const stats = root === null ? undefined : statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) {
    return null;
  }
  return stats.isDirectory() ? "directory" : "file";
}

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { createGit, locateRepository, readCommitted } from "./adapters/git/index.ts";
import type { Repository } from "./adapters/git/index.ts";
import { closeDatabase, openDatabase, openDatabaseStore, queueOfMany } from "./compose-database.ts";
import type { Database, DatabaseRequest } from "./compose-database.ts";
import { closeAll, closingOnFailure } from "./core/base/closing.ts";
import { SkeinError } from "./core/base/errors.ts";
import { createProjectSkein, followSettings, needRepository, openProject } from "./compose.ts";
import type { OpenOptions } from "./compose.ts";
import { migrations } from "./core/index.ts";
import type { BusHealth } from "./core/events/index.ts";
import type { Skein } from "./core/index.ts";
import { createPostgresProjects, storeErrors, tellingLongLine } from "./core/store/index.ts";
import type { TellLongLine } from "./core/store/index.ts";
import { hindranceOfModels } from "./provider-trust.ts";
import type { GivenSettings } from "./provider-trust.ts";
import { keptFree, settingsFiles } from "./settings.ts";
import type { Settings } from "./settings.ts";
import {
  findPlace,
  givenPlace,
  givenProject,
  localProject,
  parseProjectName,
  projectVariable,
} from "./store-place.ts";
import type { StorePlace } from "./store-place.ts";
import { loadWorktreeSettings } from "./worktree-settings.ts";

/** Whose models a project of a server asks. */
export interface ServedModels {
  /** The repository whose committed settings name them; for a server in a folder of its own, that folder. */
  readonly repository: Repository;
  /** The settings of the server, where they are not the project's own. */
  readonly given: GivenSettings | undefined;
  /** The server's, where its keys are. */
  readonly env: OpenOptions["env"];
}

/** One project of a server. */
export interface ServedProject {
  /** Its name in the database; `local` for a repository's own file. */
  readonly name: string;
  readonly skein: Skein;
  readonly settings: Settings;
  /** Null where there is no clone of it on this machine: whatever asks git fails then. */
  readonly repository: Repository | null;
  readonly models: ServedModels;
  /** The folder of what belongs to this machine alone, as archives. */
  readonly storeDir: string;
}

/** The projects of one store, over one pool of connections: all of them, or the one that the flag or the variable names. */
export interface ProjectServer {
  readonly kind: StorePlace["kind"];
  /** The file, or the database's address without password. */
  readonly shown: string;
  /** How the processes over the store wake each other, and whether that works. */
  busHealth(): BusHealth;
  /** Why models cannot be asked, as far as settings and agreement tell; null: they can. */
  hindranceOfModels(): Promise<SkeinError | null>;
  /** The names of the projects that are there now. */
  projects(): Promise<readonly string[]>;
  /** Opens a project, once for all who ask. @throws {SkeinError} SKN-5112 for one that is not there or not served, SKN-2024. */
  open(project: string): Promise<ServedProject>;
  /** Closes what was opened. */
  close(): Promise<void>;
}

export type ServerOptions = Pick<
  OpenOptions,
  "cwd" | "env" | "follow" | "onBusChange" | "onLongLine" | "settings"
>;

/**
 * Opens the store that the flag, the variable or `init` names for a server: a database with all of its projects, else the file of the
 * repository around the folder, which is one project. Where `--project` or `SKEIN_PROJECT` names a project of the database, that alone is served.
 *
 * @throws {SkeinError} SKN-5951 where there is neither, SKN-5112 for a project that a file does not have, SKN-2005 for a wrong variable of the machine.
 */
export async function openProjectServer(options: ServerOptions): Promise<ProjectServer> {
  const { cwd, env } = options;
  keptFree(env);
  const repository = locateRepository(cwd);
  const root = repository?.root ?? cwd;
  const settings = options.settings ?? (await loadWorktreeSettings({ root, env })).settings;
  const place = repository === null ? givenPlace(env) : findPlace({ repository, env, settings });
  return place?.kind === "postgres"
    ? openDatabaseServer({ ...options, root, reference: place.reference, settings })
    : openFileServer({ ...options, settings });
}

/** A repository's own file: one project. */
async function openFileServer(options: ServerOptions): Promise<ProjectServer> {
  const named = givenProject(options.env) ?? localProject;
  if (named !== localProject) {
    throw new SkeinError(storeErrors.noProject, {
      message: `The repository's own file is one project, and has no "${named}".`,
      fix: `Name the database of that project with \`--db\`; or leave out \`--project\` and ${projectVariable} to serve the file.`,
      facts: { project: named },
    });
  }
  needRepository(options.cwd);
  const { skein, repository, settings, storeDir, place, bus } = await openProject({
    ...options,
    groupCommit: true,
  });
  const models = { repository, given: undefined, env: options.env };
  const served = { name: localProject, skein, settings, repository, models, storeDir };
  const serving = serve(async () => served);
  return {
    kind: "sqlite",
    shown: place.kind === "sqlite" ? place.file : "",
    busHealth: () => bus.health(),
    hindranceOfModels: async () => hindranceOfModels({ repository, settings }, models),
    projects: async () => [localProject],
    open: async (project) => {
      parseProjectName(project);
      return serving.open(localProject);
    },
    close: async () => {
      await serving.open(localProject);
      await serving.close();
    },
  };
}

interface DatabaseServerRequest
  extends DatabaseRequest, Pick<ServerOptions, "follow" | "onLongLine"> {
  /** The folder of `skein.yml`. */
  readonly root: string;
}

async function openDatabaseServer(request: DatabaseServerRequest): Promise<ProjectServer> {
  const database = await openDatabase(request);
  return closingOnFailure(
    async () => closeDatabase(database),
    async () => serveDatabase(database, request),
  );
}

async function serveDatabase(
  database: Database,
  request: DatabaseServerRequest,
): Promise<ProjectServer> {
  const { env, settings } = request;
  const projects = createPostgresProjects(database.pool, migrations);
  const served = givenProject(env);
  await projects.migrate();
  const models = await modelsOfServer(request);
  const watch = followSettings(request);
  const serving = serve(async (name) => {
    const store = await openDatabaseStore({
      database,
      project: name,
      settings,
      unknownProject: "refuse",
      queueLimit: queueOfMany,
    });
    const storeDir = join(stateDirOf(env), encodeURIComponent(name));
    mkdirSync(storeDir, { recursive: true, mode: 0o700 });
    const { bus } = database;
    const { leaseMs } = watch;
    const around = { root: null, storeDir, settings, env, bus, leaseMs };
    const skein = createProjectSkein(tellingLongLine(store, tellOf(request, name)), around);
    return { name, skein, settings, repository: null, models, storeDir };
  });
  return {
    kind: "postgres",
    shown: database.shown,
    busHealth: () => database.bus.health(),
    hindranceOfModels: async () =>
      hindranceOfModels({ repository: models.repository, settings }, models),
    projects: async () =>
      (await projects.list()).filter((name) => served === null || name === served),
    open: async (project) => {
      const name = parseProjectName(project);
      if (served !== null && name !== served) {
        throw notServed(name);
      }
      return serving.open(name);
    },
    close: async () => {
      await closeAll([
        watch.close,
        async () => serving.close(),
        async () => closeDatabase(database),
      ]);
    },
  };
}

/** One line is of one project, so that it says which. */
function tellOf({ onLongLine }: DatabaseServerRequest, project: string): TellLongLine | undefined {
  return onLongLine && ((sentence) => onLongLine(`${project}: ${sentence}`));
}

/** Says neither which project is served instead, nor whether the database has this one. */
function notServed(project: string): SkeinError {
  return new SkeinError(storeErrors.noProject, {
    message: `This server has no project "${project}".`,
    fix: "Ask the server of that project; `--project` chose another one for this server.",
    facts: { project },
  });
}

/**
 * The models of a server that has projects of many repositories are those of its own `skein.yml`: as committed on the default branch where it stands in a
 * repository, and as agreed to there; in a folder of its own that file is its operator's.
 */
async function modelsOfServer({ root, env }: DatabaseServerRequest): Promise<ServedModels> {
  const repository = locateRepository(root);
  if (repository === null) {
    const text = readSettingsText(root);
    return {
      repository: folderAsRepository(root),
      given: { text, isTrusted: true, setsBudget: false },
      env,
    };
  }
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  const given = { text: committed?.text ?? null, isTrusted: false, setsBudget: false };
  return { repository, given, env };
}

function readSettingsText(root: string): string | null {
  const file = settingsFiles.map((name) => join(root, name)).find((path) => existsSync(path));
  return file === undefined ? null : readFileSync(file, "utf8");
}

/** What stands where a repository is asked for; git is never started in it. */
function folderAsRepository(root: string): Repository {
  return {
    root,
    gitDir: root,
    commonDir: root,
    branch: null,
    headCommit: null,
    isBare: false,
    isWorktree: false,
    isSubmodule: false,
    ignoresCase: false,
  };
}

/** Where a server keeps what belongs to its machine: `SKEIN_STATE_DIR`, else the user's folder for state. An empty variable says nothing. */
export function stateDirOf(env: OpenOptions["env"]): string {
  const home = filled(env["HOME"]) ?? homedir();
  const state = filled(env["XDG_STATE_HOME"]) ?? join(home, ".local", "state");
  return filled(env["SKEIN_STATE_DIR"]) ?? join(state, "skein");
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

interface Serving {
  open(name: string): Promise<ServedProject>;
  close(): Promise<void>;
}

/** Opens each project once; a failure is forgotten, so that the next who asks tries again. */
function serve(openOne: (name: string) => Promise<ServedProject>): Serving {
  const opened = new Map<string, Promise<ServedProject>>();
  return {
    open: async (name) => {
      const found = opened.get(name);
      if (found !== undefined) {
        return found;
      }
      const opening = openOne(name).catch((error: unknown) => {
        opened.delete(name);
        throw error;
      });
      opened.set(name, opening);
      return opening;
    },
    close: async () => {
      const all = [...opened.values()];
      opened.clear();
      const closings = all.map((opening) => async () => {
        const project = await opening.catch(() => null);
        await project?.skein.close();
      });
      await closeAll(closings);
    },
  };
}

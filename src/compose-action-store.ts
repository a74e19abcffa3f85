import { statSync } from "node:fs";
import { join } from "node:path";

import { createLocalBus } from "./adapters/bus/local-bus.ts";
import { createWorkspace } from "./adapters/git/index.ts";
import { createTimeSource, systemRandom } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import { localProject, needRepository, storeDirOf } from "./compose.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { SkeinError } from "./core/base/errors.ts";
import { createSkein, migrations } from "./core/index.ts";
import type { Skein } from "./core/index.ts";
import type { Bus } from "./core/events/index.ts";
import {
  createPostgresPool,
  openNodeSqlite,
  openPostgresStore,
  openSqliteStore,
  storeErrors,
} from "./core/store/index.ts";
import { parseChecks } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { parseProjectName, plainProjectName, projectVariable } from "./store-place.ts";

/** For whom a Skein is opened that lives as long as its process. */
export interface EphemeralOptions {
  /** The checkout, or a folder of the job where there is none: then only what asks git fails. */
  readonly cwd: string;
  readonly env: OpenOptions["env"];
  readonly settings: Settings;
  /** Default false: as on the runners of GitHub. */
  readonly ignoresCase?: boolean | undefined;
}

/**
 * Opens a Skein in memory over Node's own SQLite: no file, no lock, no package. Nothing of it is left when the process ends, so that one
 * run of a job neither sees nor disturbs another.
 */
export async function openEphemeralSkein(options: EphemeralOptions): Promise<Skein> {
  return openInMemory(options, createLocalBus());
}

async function openInMemory(options: EphemeralOptions, bus: Bus): Promise<Skein> {
  const { cwd, env, settings, ignoresCase = false } = options;
  const { caseInsensitive, durationMs } = settings.leases;
  const store = await openSqliteStore({
    file: ":memory:",
    project: localProject,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    openDriver: openNodeSqlite,
  });
  return createSkein({
    store,
    doorbell: bus.doorbell({ project: localProject, mark: async () => Promise.resolve(0) }),
    random: systemRandom,
    timer: systemTimer,
    probe: null,
    policy: { caseInsensitive: caseInsensitive === "auto" ? ignoresCase : caseInsensitive },
    pathKind: (path) => pathKind(join(cwd, path)),
    leaseMs: durationMs,
    shelf: null,
    exempt: settings.generated,
    workspace: createWorkspace({ root: cwd, env, parseChecks }),
  });
}

/**
 * Opens the project of a checkout with its ledger in memory, so that models and reviews are opened over it as over any project. Its
 * `storeDir` is where a store would be; there is none.
 *
 * @throws {SkeinError} SKN-5951 outside of a repository.
 */
export async function openEphemeralProject(options: EphemeralOptions): Promise<OpenProject> {
  const repository = needRepository(options.cwd);
  const { root: cwd, ignoresCase } = repository;
  const bus = createLocalBus();
  return {
    skein: await openInMemory({ ...options, cwd, ignoresCase }, bus),
    bus,
    repository,
    settings: options.settings,
    storeDir: storeDirOf(repository),
    place: { kind: "sqlite", file: ":memory:" },
  };
}

/** The database that a workflow names. */
export interface DatabaseOfRun {
  readonly url: string;
  /** `SKEIN_PROJECT` names the project. Default: the repository's own name. */
  readonly env: OpenOptions["env"];
  /** As `owner/name`. */
  readonly fullName: string;
  readonly signal: AbortSignal;
}

/** A runner's network may need a moment; in milliseconds, between two tries. */
const pauseMs = 1_000;

/**
 * Brings a database up to date, and adds the repository's project where it has none. It is asked twice, since networks are late; gives the project's name.
 *
 * @throws {SkeinError} SKN-2024 for a wrong name, SKN-31xx, SKN-71xx; see `isAway`.
 */
export async function prepareDatabase({
  url,
  env,
  fullName,
  signal,
}: DatabaseOfRun): Promise<string> {
  const given = env[projectVariable] ?? "";
  const project = parseProjectName(given === "" ? plainProjectName(fullName) : given);
  try {
    await touchProject(url, project);
  } catch (error) {
    if (!isAway(error)) {
      throw error;
    }
    await systemTimer.sleep(pauseMs, signal);
    await touchProject(url, project);
  }
  return project;
}

async function touchProject(url: string, project: string): Promise<void> {
  const pool = await createPostgresPool({ url, maxConnections: 1, answerMs: 10_000 });
  try {
    const [time, random] = [createTimeSource(), systemRandom];
    const store = await openPostgresStore({ pool, project, migrations, time, random });
    await store.close();
  } finally {
    await pool.end();
  }
}

const awayCodes: ReadonlySet<string> = new Set(
  [
    storeErrors.unreachable,
    storeErrors.busy,
    storeErrors.slow,
    storeErrors.full,
    storeErrors.readOnly,
  ].map(({ code }) => code),
);

/** True where a database does not answer, or takes no writes now; what people have to mend is another matter. */
export function isAway(error: unknown): error is SkeinError {
  return error instanceof SkeinError && awayCodes.has(error.code);
}

function pathKind(path: string): "file" | "directory" | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return null;
  }
  return stats.isDirectory() ? "directory" : "file";
}

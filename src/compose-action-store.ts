import { statSync } from "node:fs";
import { join } from "node:path";

import { createLocalBus } from "./adapters/bus/local-bus.ts";
import { createWorkspace } from "./adapters/git/index.ts";
import { createTimeSource, systemRandom } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import { localProject, needRepository, storeDirOf } from "./compose.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { createSkein, migrations } from "./core/index.ts";
import type { Skein } from "./core/index.ts";
import type { Bus } from "./core/events/index.ts";
import { openNodeSqlite, openSqliteStore } from "./core/store/index.ts";
import { parseChecks } from "./settings.ts";
import type { Settings } from "./settings.ts";

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

function pathKind(path: string): "file" | "directory" | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return null;
  }
  return stats.isDirectory() ? "directory" : "file";
}

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFileDoorbell } from "../../adapters/bus/file-doorbell.ts";
import { createGit, readCommitted } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { createTimeSource, systemRandom } from "../../adapters/process/clock.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { createCoordination, migrations } from "../../core/index.ts";
import type { Coordination } from "../../core/index.ts";
import type { Doorbell } from "../../core/events/index.ts";
import { parsePathPattern, patternMatches } from "../../core/leases/index.ts";
import type { PathPolicy } from "../../core/leases/index.ts";
import { openSqliteStore } from "../../core/store/index.ts";
import type { OpenSqlite, Store } from "../../core/store/index.ts";
import { loadSettings, overrideNames, settingsFiles, variableOf } from "../../settings.ts";
import type { Settings } from "../../settings.ts";
import { toSettings } from "../../settings/values.ts";
import { findPlace, localProject, storeDirOf } from "../../store-place.ts";
import type { StorePlace } from "../../store-place.ts";
import { hasDotEnv, loadWorktreeSettings } from "../../worktree-settings.ts";
import type { Notes } from "./context.ts";

/** How long a hook waits for the ledger before it lets its agent go on: an editor stands still meanwhile. */
const patienceMs = 3_000;

/** The ledger as a hook uses it. */
export interface Ledger {
  readonly coordination: Coordination;
  readonly settings: Settings;
  readonly isExempt: (path: string) => Promise<boolean>;
  close(): Promise<void>;
}

export interface LedgerPlace {
  readonly repository: Repository;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly openDriver: OpenSqlite;
}

/** Opens the ledger with as little as a hook needs: no integration, no look at processes, no commit awaited on the disk. */
export async function openLedger({ repository, env, openDriver }: LedgerPlace): Promise<Ledger> {
  const settings = await settingsOf(repository, env);
  const place = findPlace({ repository, env, settings });
  const { store, doorbell } = await openStore(place, { repository, settings, env, openDriver });
  const { durationMs } = settings.leases;
  const policy = policyOf(settings, repository);
  const coordination = createCoordination({
    store,
    doorbell,
    random: systemRandom,
    timer: systemTimer,
    probe: null,
    policy,
    pathKind: () => "file",
    leaseMs: durationMs,
  });
  return {
    coordination,
    settings,
    isExempt: exemption({ repository, env, settings }),
    close: () => store.close(),
  };
}

type StoreParts = Pick<Ledger, "settings"> & LedgerPlace;

interface WokenStore {
  readonly store: Store;
  readonly doorbell: Doorbell;
}

/** A hook rings and never listens. */
const silent = async (): Promise<number> => Promise.resolve(0);

/** The driver of a database server is loaded only where there is one. */
async function openStore(
  place: StorePlace,
  { repository, settings, env, openDriver }: StoreParts,
): Promise<WokenStore> {
  if (place.kind === "postgres") {
    const { openOwnStore } = await import("../../compose-database.ts");
    const request = { env, settings, unknownProject: "refuse", waitMs: patienceMs } as const;
    const { store, bus } = await openOwnStore(place, request);
    return { store, doorbell: bus.doorbell({ project: place.project, mark: silent }) };
  }
  const store = await openSqliteStore({
    file: place.file,
    project: localProject,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: { synchronous: settings.store.durability, waitMs: patienceMs },
    openDriver,
  });
  const file = join(storeDirOf(repository), "doorbell");
  return { store, doorbell: createFileDoorbell({ file, mark: silent }) };
}

function policyOf({ leases }: Settings, { ignoresCase }: Repository): PathPolicy {
  const { caseInsensitive } = leases;
  return { caseInsensitive: caseInsensitive === "auto" ? ignoresCase : caseInsensitive };
}

interface Exempting {
  readonly repository: Repository;
  readonly env: LedgerPlace["env"];
  readonly settings: Settings;
}

/** An agent can write the file in its worktree: only what the default branch says as well frees a path. */
function exemption({ repository, env, settings }: Exempting): Ledger["isExempt"] {
  const policy = policyOf(settings, repository);
  const isAmong = (patterns: readonly string[], path: string): boolean =>
    patterns.some((pattern) => patternMatches(parsePathPattern(pattern), path, policy));
  let committed: Promise<readonly string[]> | null = null;
  return async (path) => {
    if (!isAmong(settings.generated, path)) {
      return false;
    }
    committed ??= committedPatterns(repository, env);
    return isAmong(await committed, path);
  };
}

/** Those of some paths that need no lease, without a ledger. */
export async function committedExemptions({
  paths,
  ...place
}: Omit<Exempting, "settings"> & {
  readonly paths: readonly string[];
}): Promise<readonly string[]> {
  const settings = await settingsOf(place.repository, place.env);
  const isExempt = exemption({ ...place, settings });
  const exempt: string[] = [];
  for (const path of paths) {
    if (await isExempt(path)) {
      exempt.push(path);
    }
  }
  return exempt;
}

async function committedPatterns(
  repository: Repository,
  env: LedgerPlace["env"],
): Promise<readonly string[]> {
  const { root } = repository;
  const found = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  return found === null
    ? []
    : (await loadSettings({ root, env, text: found.text, textFile: found.file })).settings
        .generated;
}

/** Most repositories have no settings, and reading none is quicker than asking for them. */
async function settingsOf(repository: Repository, env: LedgerPlace["env"]): Promise<Settings> {
  const { root } = repository;
  const isPlain =
    settingsFiles.every((file) => !existsSync(join(root, file))) &&
    !hasDotEnv(root) &&
    overrideNames.every((name) => env[variableOf(name)] === undefined);
  if (isPlain) {
    return toSettings({});
  }
  const cacheFile = join(storeDirOf(repository), "settings.json");
  try {
    return (await loadWorktreeSettings({ root, env, cacheFile })).settings;
  } catch (error) {
    if (!(error instanceof SkeinError) || error.kind !== "config") {
      throw error;
    }
    // A file that cannot be read frees no path and stops no check: whoever edits could have written it.
    return toSettings({});
  }
}

/** Notes in a folder beside the database. A note that cannot be kept is lost, and nothing else. */
export function notesIn(repository: Repository): Notes {
  const folder = join(storeDirOf(repository), "notes");
  const pathOf = (name: string): string =>
    join(folder, createHash("sha256").update(name).digest("hex").slice(0, 32));
  return {
    read: (name) => {
      try {
        return readFileSync(pathOf(name), "utf8");
      } catch {
        return null;
      }
    },
    write: (name, text) => {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(pathOf(name), text, { mode: 0o600 });
      } catch {
        // A sandbox may forbid it.
      }
    },
  };
}

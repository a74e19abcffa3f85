import { statSync } from "node:fs";
import { join } from "node:path";

import { SkeinError } from "./core/base/errors.ts";
import type { Timer } from "./core/base/timer.ts";
import { loadSettings, settingsFiles } from "./settings.ts";
import type { Settings, SettingsRequest } from "./settings.ts";

/** The settings of a process that runs for long. */
export interface SettingsWatch {
  /** The newest that are right: while the file is wrong, those of before count. */
  current(): Settings;
  /** Looks now. */
  look(): Promise<void>;
  close(): void;
}

export interface SettingsWatchDeps extends Pick<SettingsRequest, "env" | "flags" | "root"> {
  /** Those that the process began with. */
  readonly first: Settings;
  readonly timer: Timer;
  /** Between two looks, in milliseconds. Default 2 000. */
  readonly everyMs?: number | undefined;
  log(this: void, line: string): void;
}

type Part = readonly [name: string, of: (settings: Settings) => unknown];

/** What a running process takes over, or reads at each use and as committed where that is what counts; by its name in the file. */
const counted: readonly Part[] = [
  ["leases.minutes", ({ leases }) => leases.durationMs],
  ["checks", ({ checks }) => checks],
  ["integration", ({ integration }) => integration],
  ["branches", ({ branches }) => branches],
  ["providers", ({ providers }) => providers],
  ["models", ({ models }) => models],
  ["review", ({ review }) => review],
  ["planner", ({ planner }) => planner],
  ["chains", ({ chains }) => chains],
  ["budgets", ({ budgets }) => budgets],
  ["rules", ({ rules }) => rules],
  ["github", ({ github }) => github],
];

/**
 * Follows `skein.yml` by looking at it from time to time: editors and mounted volumes replace files in ways that are not always told. A
 * file that is wrong changes nothing and is named once, with line and column.
 */
export function watchSettings(deps: SettingsWatchDeps): SettingsWatch {
  const { root, timer, everyMs = 2_000 } = deps;
  const end = new AbortController();
  let current = deps.first;
  let seen = signatureOf(root);
  const look = async (): Promise<void> => {
    const signature = signatureOf(root);
    if (signature === seen) {
      return;
    }
    seen = signature;
    const next = await readAnew(deps);
    if (next !== null && textOf(next) !== textOf(current)) {
      const line = changeLine(current, next);
      current = next;
      deps.log(line);
    }
  };
  const follow = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await timer.sleep(everyMs, end.signal);
      await look();
    }
  };
  void follow();
  return {
    current: () => current,
    look,
    close: () => {
      end.abort();
    },
  };
}

/** Changes whenever one of the files does. */
function signatureOf(root: string): string {
  return settingsFiles
    .map((file) => {
      try {
        const { ino, size, mtimeMs } = statSync(join(root, file));
        return [ino, size, mtimeMs].map(String).join(":");
      } catch {
        return "none";
      }
    })
    .join(" ");
}

async function readAnew({ root, env, flags, log }: SettingsWatchDeps): Promise<Settings | null> {
  try {
    const { settings } = await loadSettings({ root, env, flags });
    return settings;
  } catch (error) {
    const said =
      error instanceof SkeinError ? `${error.code} ${error.message}` : "it cannot be read.";
    log(`skein.yml is wrong, and what held before goes on: ${said}`);
    return null;
  }
}

function changeLine(before: Settings, after: Settings): string {
  const now = counted.filter(([, of]) => textOf(of(before)) !== textOf(of(after)));
  const said = now.length === 0 ? "" : ` Now: ${now.map(([name]) => name).join(", ")}.`;
  return `skein.yml was read anew.${said}${needsRestart(before, after) ? " The rest of what changed counts after a restart." : ""}`;
}

/** Who may call, where the ledger is and what a path is do not change under a running process. */
function needsRestart(before: Settings, after: Settings): boolean {
  return textOf(restOf(before)) !== textOf(restOf(after));
}

/** Without what counts at once. */
function restOf(settings: Settings): unknown {
  return {
    ...settings,
    leases: settings.leases.caseInsensitive,
    checks: null,
    integration: null,
    branches: null,
    providers: null,
    models: null,
    review: null,
    planner: null,
    chains: null,
    budgets: null,
    rules: null,
    github: null,
  };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Map ? [...inner.entries()] : inner,
  );
}

import { statSync } from "node:fs";
import { join } from "node:path";

import { SkeinError } from "./core/base/errors.ts";
import { showHidden } from "./core/base/text.ts";
import type { Timer } from "./core/base/timer.ts";
import { settingsFiles } from "./settings.ts";
import type { Settings, SettingsRequest } from "./settings.ts";
import { dotEnvFile } from "./settings/dotenv.ts";
import { loadWorktreeSettings } from "./worktree-settings.ts";

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

/** Sections of which all counts at once: a running process takes it over, or reads it at each use and as committed where that is what counts. */
const whole = [
  "checks",
  "integration",
  "branches",
  "providers",
  "models",
  "review",
  "planner",
  "chains",
  "budgets",
  "rules",
  "github",
] as const satisfies readonly (keyof Settings)[];

/** What counts at once, by its name in the file. */
const counted: readonly Part[] = [
  ["leases.minutes", ({ leases }) => leases.durationMs],
  ...whole.map((name): Part => [name, (settings) => settings[name]]),
];

/**
 * Follows `skein.yml`, and the `.env` beside it, by looking at it from time to time: editors and mounted volumes replace files in ways that are not always told. A
 * file that is wrong changes nothing and is named once, with line and column.
 */
export function watchSettings(deps: SettingsWatchDeps): SettingsWatch {
  const { root, timer, everyMs = 2_000 } = deps;
  const end = new AbortController();
  let current = deps.first;
  // What was written between the reading of the first and this start is found by the first look.
  let seen: readonly string[] = [];
  const look = async (): Promise<void> => {
    const signatures = [signatureOf(root, settingsFiles), signatureOf(root, [dotEnvFile])];
    const [isFile = false, isDotEnv = false] = signatures.map((each, at) => each !== seen[at]);
    if (!isFile && !isDotEnv) {
      return;
    }
    seen = signatures;
    const next = await readAnew(deps);
    if (next !== null && textOf(next) !== textOf(current)) {
      const line = changeLine(isFile ? "skein.yml" : dotEnvFile, current, next);
      current = next;
      deps.log(line);
    }
  };
  const isOver = (): boolean => end.signal.aborted;
  const follow = async (): Promise<void> => {
    while (!isOver()) {
      await timer.sleep(everyMs, end.signal);
      // A sleep that was cut short ends as well: whoever has closed it is told nothing more.
      if (!isOver()) {
        await look();
      }
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
function signatureOf(root: string, files: readonly string[]): string {
  return files
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
    const { settings } = await loadWorktreeSettings({ root, env, flags });
    return settings;
  } catch (error) {
    const said =
      // What the file says stands in the message: it begins no line of the log.
      error instanceof SkeinError
        ? `${error.code} ${showHidden(error.message)}`
        : "it cannot be read.";
    const isDotEnv = error instanceof SkeinError && error.facts["origin"] === "dotenv";
    log(`${isDotEnv ? dotEnvFile : "skein.yml"} is wrong, and what held before goes on: ${said}`);
    return null;
  }
}

function changeLine(file: string, before: Settings, after: Settings): string {
  const now = counted.filter(([, of]) => textOf(of(before)) !== textOf(of(after)));
  const said = now.length === 0 ? "" : ` Now: ${now.map(([name]) => name).join(", ")}.`;
  return `${file} was read anew.${said}${needsRestart(before, after) ? " The rest of what changed counts after a restart." : ""}`;
}

/** Who may call, where the ledger is and what a path is do not change under a running process. */
function needsRestart(before: Settings, after: Settings): boolean {
  return textOf(restOf(before)) !== textOf(restOf(after));
}

/** Without what counts at once. */
function restOf(settings: Settings): unknown {
  const { leases, ...others } = settings;
  const rest = Object.entries(others).filter(([name]) => !whole.some((one) => one === name));
  return [leases.caseInsensitive, rest];
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Map ? [...inner.entries()] : inner,
  );
}

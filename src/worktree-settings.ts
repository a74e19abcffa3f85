import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "./adapters/git/git.ts";
import { readOwnFile } from "./adapters/process/own-file.ts";
import { loadSettings } from "./settings.ts";
import type { LoadedSettings, SettingsRequest } from "./settings.ts";
import { dotEnvFile, parseDotEnv } from "./settings/dotenv.ts";
import type { DotEnvText } from "./settings/dotenv.ts";

/** What became of the `.env` at the top of a worktree. */
export interface DotEnv extends DotEnvText {
  /** `tracked`: git brings it to every clone, so that it is nobody's own; `unusable`: it is not this user's own plain file, or git cannot tell. */
  readonly state: "none" | "read" | "tracked" | "unusable";
  /** Why nothing of it counts, as a sentence; null where it is read, or there is none. */
  readonly why: string | null;
}

export interface WorktreeSettings extends LoadedSettings {
  readonly dotEnv: DotEnv;
}

type Place = Pick<SettingsRequest, "env" | "root">;

/**
 * Reads the settings of a worktree with the `.env` at its top: flags before variables before `.env` before the file before the defaults.
 *
 * @throws {SkeinError} SKN-2001 to SKN-2006.
 */
export async function loadWorktreeSettings(
  request: Omit<SettingsRequest, "dotEnv" | "text" | "textFile">,
): Promise<WorktreeSettings> {
  const dotEnv = await findDotEnv(request);
  const loaded = await loadSettings({ ...request, dotEnv: dotEnv.values });
  return { ...loaded, dotEnv };
}

/** True where a worktree may have a `.env` of its own: worth asking git about. */
export function hasDotEnv(root: string): boolean {
  return statSync(join(root, dotEnvFile), { throwIfNoEntry: false })?.isDirectory() === false;
}

/**
 * Reads the `.env` at the top of a worktree. It counts where it is this user's own and git does not know it: one that came with a clone says
 * nothing here. Git is asked only where the file names Skein at all.
 */
export async function findDotEnv({ root, env }: Place): Promise<DotEnv> {
  if (!hasDotEnv(root)) {
    return { ...nothing, state: "none", why: null };
  }
  const found = readOwnFile(join(root, dotEnvFile), "read");
  if (found.kind !== "text") {
    return { ...nothing, state: "unusable", why: notOwn };
  }
  const text = parseDotEnv(found.text);
  if (text.values.size === 0 && text.left.length === 0) {
    return { ...text, state: "read", why: null };
  }
  const tracked = await isTracked({ root, env });
  switch (tracked) {
    case "no":
      return { ...text, state: "read", why: null };
    case "yes":
      return { ...nothing, state: "tracked", why: isCommitted };
    case "unknown":
      return { ...nothing, state: "unusable", why: untold };
    default:
      return tracked satisfies never;
  }
}

const nothing: DotEnvText = { values: new Map(), left: [] };

const notOwn =
  "It is a link, larger than 64 KiB, or no plain file that this user alone can write (`chmod 600 .env`).";

const isCommitted =
  "Git tracks it, so that it comes with every clone: nothing of it counts (`git rm --cached .env`, and name it in .gitignore).";

const untold = "Git does not tell whether it tracks the file.";

/** On some disks another name leads to the same file: it has to be listed by this very one, and git to know none that differs by its case. */
async function isTracked({ root, env }: Place): Promise<"yes" | "no" | "unknown"> {
  if (!readdirSync(root).includes(dotEnvFile)) {
    return "unknown";
  }
  try {
    const git = createGit({ cwd: root, env });
    const { exitCode, stdout } = await git.run(
      ["ls-files", "-z", "--", `:(top,icase)${dotEnvFile}`],
      { okCodes: [0, 128] },
    );
    if (exitCode !== 0) {
      return "unknown";
    }
    return stdout === "" ? "no" : "yes";
  } catch {
    return "unknown";
  }
}

import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { createGit, dirtyPaths, touchedPaths } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { readTranscript } from "../../adapters/transcripts/index.ts";
import type { HookWorktree, Notes } from "./context.ts";
import { decideChanged, readSnapshot, snapshotText } from "./dirty-snapshot.ts";
import type { DirtyFile } from "./dirty-snapshot.ts";
import { editedPaths } from "./edited-paths.ts";
import { existingFolder, projectPaths } from "./project-paths.ts";

export interface LocalPlace {
  readonly repository: Repository;
  /** Where the agent stands: relative paths are relative to it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly notes: Notes;
  /** Names an agent that has not joined among the notes. */
  readonly externalId: string | null;
}

/** A worktree of this machine. */
export function createLocalWorktree(place: LocalPlace): HookWorktree {
  const { repository, notes, externalId } = place;
  return {
    writtenPaths: (call) => projectPaths(place, editedPaths(call)),
    changedPaths: async (session) =>
      changedSince(place, session?.id ?? externalId ?? "", session?.joinedAtMs ?? null),
    remember: async ({ id }) => {
      notes.write(noteOf(repository, id), snapshotText(await dirtyFiles(place)));
    },
    isDirty: async () => (await dirtyNow(place)).length > 0,
    transcriptOf: ({ transcript }) => (transcript === null ? null : readTranscript(transcript)),
  };
}

/** What changed since the last look for somebody, whose worktree counts from `sinceMs` on where there was none; null: from now on. */
export async function changedSince(
  place: LocalPlace,
  who: string,
  sinceMs: number | null,
): Promise<readonly string[]> {
  const { repository, notes } = place;
  const name = noteOf(repository, who);
  const now = await dirtyFiles(place);
  const before = readSnapshot(notes.read(name));
  notes.write(name, snapshotText(now));
  return projectPaths({ repository, cwd: repository.root }, decideChanged(before, now, sinceMs));
}

/** Remembers how the worktree looks, for somebody. */
export async function rememberFor(place: LocalPlace, who: string): Promise<void> {
  place.notes.write(noteOf(place.repository, who), snapshotText(await dirtyFiles(place)));
}

/** One snapshot a session and worktree. */
function noteOf({ gitDir }: Repository, who: string): string {
  return `dirty-${who}-${gitDir}`;
}

async function dirtyFiles(place: LocalPlace): Promise<readonly DirtyFile[]> {
  const paths = await dirtyNow(place);
  return paths.map((path) => dirtyFile(join(place.repository.root, path), path));
}

function dirtyFile(absolute: string, path: string): DirtyFile {
  // Before the look: what is written after it may be later by a tick, and is none that was seen.
  const lookedAtMs = Date.now();
  const stats = lstatSync(absolute, { throwIfNoEntry: false }) ?? null;
  // A move keeps the time of writing, and of what is gone only its folder knows the time.
  const { mtimeMs, ctimeMs } = stats ?? statSync(existingFolder(absolute));
  return {
    path,
    mtimeMs: stats?.mtimeMs ?? null,
    size: stats?.size ?? null,
    touchedAtMs: stats === null ? mtimeMs : Math.max(mtimeMs, ctimeMs),
    lookedAtMs,
    contentHash: () => (stats === null ? null : hashOf(absolute, stats)),
  };
}

/** The longest text that a hook reads, in bytes: of longer ones time and size alone tell. */
const longestText = 16_000_000;

function hashOf(absolute: string, stats: Stats): string | null {
  if (stats.size > longestText || !(stats.isFile() || stats.isSymbolicLink())) {
    return null;
  }
  try {
    const text = stats.isFile() ? readFileSync(absolute) : readlinkSync(absolute);
    return createHash("sha256").update(text).digest("hex");
  } catch {
    return null;
  }
}

/** Paths that differ from HEAD, both sides of renames. */
async function dirtyNow({ repository, env }: LocalPlace): Promise<readonly string[]> {
  const git = createGit({ cwd: repository.root, env, timeoutMs: 5_000 });
  return touchedPaths(await dirtyPaths(git));
}

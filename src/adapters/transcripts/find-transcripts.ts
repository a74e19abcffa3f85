import { readdirSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";

/** How deep below its folder a host keeps a record: Codex sorts by year, month and day. */
const mostDepth = 4;
/** More files than this are not looked through. */
const mostFiles = 20_000;

/** Where hosts keep their records on this machine: Claude Code's projects and Codex's sessions. */
export function transcriptFolders(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const home = filled(env["HOME"]) ?? filled(homedir()) ?? userInfo().homedir;
  return [
    join(filled(env["CLAUDE_CONFIG_DIR"]) ?? join(home, ".claude"), "projects"),
    join(filled(env["CODEX_HOME"]) ?? join(home, ".codex"), "sessions"),
  ];
}

/** An empty variable says nothing: as a folder it would be the one in which Skein happens to run. */
function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

/** Every record below the folders that was written since a time, in the order of their names. Folders that cannot be read have none. */
export function findTranscripts(folders: readonly string[], sinceMs: number): readonly string[] {
  const found: string[] = [];
  for (const folder of folders) {
    look(found, folder, { depth: mostDepth, sinceMs });
  }
  return found.toSorted();
}

interface Looking {
  readonly depth: number;
  readonly sinceMs: number;
}

function look(found: string[], folder: string, looking: Looking): void {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (found.length >= mostFiles) {
      return;
    }
    if (entry.isDirectory() && looking.depth > 0) {
      look(found, path, { ...looking, depth: looking.depth - 1 });
    }
    if (entry.isFile() && entry.name.endsWith(".jsonl") && writtenAt(path) >= looking.sinceMs) {
      found.push(path);
    }
  }
}

function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(folder);
  } catch {
    return [];
  }
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

function writtenAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

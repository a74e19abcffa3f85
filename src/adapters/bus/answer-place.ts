import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Repository } from "../git/index.ts";

/**
 * The folder in which the MCP servers of a repository listen for hooks: below the temporary folder, one for each user and repository.
 * Socket paths may have about 100 characters, so it is short.
 */
export function answerFolder({ commonDir }: Repository): string {
  const name = createHash("sha256").update(commonDir).digest("hex").slice(0, 16);
  return join(tmpdir(), `skein-${String(userInfo().uid)}`, name);
}

/** Makes the folder, open to its user alone. False when somebody else has it, or a link stands in its place. */
export function makeAnswerFolder(repository: Repository): boolean {
  const folder = answerFolder(repository);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return false;
  }
  return isPrivate(folder);
}

/** True when the folder and the one above it belong to this user and nobody else may enter. */
export function isPrivate(folder: string): boolean {
  return [folder, join(folder, "..")].every((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return (
      stats?.isDirectory() === true && stats.uid === userInfo().uid && (stats.mode & 0o077) === 0
    );
  });
}

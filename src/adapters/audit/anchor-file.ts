import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

import { auditErrors, dayOf, parseAnchor } from "../../core/audit/index.ts";
import type { AnchorPlace } from "../../core/audit/index.ts";
import { SkeinError } from "../../core/base/errors.ts";

/** More than ten years of daily anchors of a hundred projects. */
const maxFileBytes = 128 * 1_024 * 1_024;

/**
 * Keeps the anchors of all projects of a server as the lines of one file, which is only ever added to. A file that holds anything else is
 * refused: its name may come from people who can write settings and nothing more.
 */
export function createAnchorFile(path: string): AnchorPlace {
  return {
    list: async () => {
      const file = await openFile(path, constants.O_RDONLY);
      return file === null ? [] : closing(file, async () => linesOf(file));
    },
    put: async (day, text) => {
      const file = await openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND);
      return file !== null && closing(file, async () => addLine(file, { path, day, text }));
    },
  };
}

interface Line {
  readonly path: string;
  readonly day: string;
  readonly text: string;
}

/** False when the file has one of this day for the same project. */
async function addLine(file: FileHandle, { path, day, text }: Line): Promise<boolean> {
  const anchors = (await linesOf(file)).map(parseAnchor);
  if (anchors.includes(null)) {
    throw badFile(path, "it holds something else than anchors");
  }
  const project = parseAnchor(text)?.project;
  const isThere = anchors.some(
    (anchor) => anchor?.project === project && anchor !== null && dayOf(anchor.atMs) === day,
  );
  if (!isThere) {
    await file.appendFile(`${text}\n`);
    await file.sync();
  }
  return !isThere;
}

async function linesOf(file: FileHandle): Promise<readonly string[]> {
  const text = await file.readFile("utf8");
  return text.split("\n").filter((line) => line !== "");
}

async function closing<T>(file: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}

/** Null where there is none and none was to be made. */
async function openFile(path: string, flags: number): Promise<FileHandle | null> {
  let file: FileHandle;
  try {
    // A pipe that nobody writes to would be waited for without end.
    file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    if (isMissing(error) && flags === constants.O_RDONLY) {
      return null;
    }
    throw badFile(path, "it cannot be opened", error);
  }
  const stats = await file.stat();
  if (!stats.isFile() || stats.size > maxFileBytes) {
    await file.close();
    throw badFile(path, "it is no plain file of at most 128 MiB");
  }
  return file;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function badFile(path: string, why: string, cause?: unknown): SkeinError {
  return new SkeinError(auditErrors.badFile, {
    message: `${path} cannot keep anchors: ${why}.`,
    facts: { path },
    cause,
  });
}

import { randomBytes, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Cassette } from "../../core/models/index.ts";
import { readTakes, takeLine } from "./cassette-line.ts";

/** Answers that are given again for some time. */
export interface AnswerCache extends Cassette {
  /** Random bytes in hex that nobody outside of this project's folder knows; made when it is asked for first. */
  secret(): Promise<string>;
  /** Deletes what is too old, and the oldest of too many; tells how many went. */
  prune(): Promise<number>;
}

export interface AnswerCacheOptions {
  readonly folder: string;
  /** How long an answer is given again. */
  readonly maxAgeMs: number;
  /** The wall clock. Default: that of this machine. */
  readonly nowMs?: (() => number) | undefined;
}

/** Larger files are no answers of ours. */
const maxBytes = 1_048_576;
const maxAnswers = 5_000;
const secretName = "secret";
const answerName = /^[\da-f]{64}\.json$/u;

/**
 * Keeps answers in a folder that only its owner reads, a file each. Files and no table: answers are no coordination, so that they are in no
 * export, no backup and no transaction, and deleting the folder is always safe. What cannot be read or written is not there: a cache only
 * saves money. A file that somebody else owns or may write, or a link, does not count.
 */
export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { folder, maxAgeMs, nowMs = Date.now } = options;
  const isOld = (mtimeMs: number): boolean => nowMs() - mtimeMs > maxAgeMs;
  return {
    find: async (key) => {
      const found = await readOwn(join(folder, fileOf(key)));
      return found === null || isOld(found.mtimeMs)
        ? null
        : (readTakes(found.text).get(key) ?? null);
    },
    keep: async (key, recorded) => {
      await write(folder, fileOf(key), `${takeLine(key, recorded)}\n`).catch(() => undefined);
    },
    secret: async () => secretIn(folder),
    prune: async () => prune(folder, isOld),
  };
}

/** Keys are hashes; another could name a path. */
function fileOf(key: string): string {
  const name = `${key}.json`;
  if (!answerName.test(name)) {
    throw new RangeError("the key of an answer is no hash");
  }
  return name;
}

interface OwnFile {
  readonly text: string;
  readonly mtimeMs: number;
}

async function readOwn(path: string): Promise<OwnFile | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
  if (file === null) {
    return null;
  }
  try {
    const stats = await file.stat();
    const isOurs = process.getuid === undefined || stats.uid === process.getuid();
    const isClosed = (stats.mode & 0o077) === 0 || process.platform === "win32";
    if (!stats.isFile() || !isOurs || !isClosed || stats.size > maxBytes) {
      return null;
    }
    return { text: await file.readFile("utf8"), mtimeMs: stats.mtimeMs };
  } finally {
    await file.close();
  }
}

/** Whole or not at all, also for who reads meanwhile. */
async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = join(folder, `${randomUUID()}.part`);
  await writeFile(part, text, { mode: 0o600, flag: "wx" });
  await rename(part, join(folder, name));
}

/** Of several that make it at once the first counts. @throws when the folder cannot be written. */
async function secretIn(folder: string): Promise<string> {
  const path = join(folder, secretName);
  const kept = await readOwn(path);
  if (kept !== null && /^[\da-f]{64}$/u.test(kept.text)) {
    return kept.text;
  }
  // What is none, or what others may read, is made anew.
  const fresh = randomBytes(32).toString("hex");
  await write(folder, secretName, fresh);
  return (await readOwn(path))?.text ?? fresh;
}

async function prune(folder: string, isOld: (mtimeMs: number) => boolean): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name !== secretName)
      .map(async (name) => {
        const path = join(folder, name);
        return { path, mtimeMs: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
      }),
  );
  const newestFirst = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  const gone = newestFirst.filter(({ mtimeMs }, index) => index >= maxAnswers || isOld(mtimeMs));
  await Promise.all(gone.map(async ({ path }) => rm(path, { force: true })));
  return gone.length;
}

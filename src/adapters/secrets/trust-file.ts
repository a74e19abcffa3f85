import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";

import { SkeinError } from "../../core/base/errors.ts";
import { ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import { secretErrors } from "./errors.ts";

/** What a person has agreed to, by repository. It stands in the person's own folder, where no clone brings files. */
interface TrustFile {
  /** The fingerprints that are trusted in a repository; none where nobody was asked. @throws {SkeinError} SKN-8972. */
  read(repository: string): Promise<ReadonlySet<string>>;
  /** Replaces them. @throws {SkeinError} SKN-8972. */
  write(repository: string, fingerprints: readonly string[]): Promise<void>;
}

interface TrustFileDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home folder, for where `XDG_CONFIG_HOME` is not set. */
  readonly home: string;
}

export function createTrustFile({ env, home }: TrustFileDeps): TrustFile {
  const configured = env["XDG_CONFIG_HOME"] ?? "";
  const folder = isAbsolute(configured) ? configured : join(home, ".config");
  const path = join(folder, "skein", "trusted-providers.json");
  return {
    read: async (repository) => new Set((await readAll(path)).get(repository)),
    write: async (repository, fingerprints) => {
      const all = new Map(await readAll(path));
      all.set(repository, fingerprints);
      await replace(path, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    },
  };
}

/** A file that is not there or is no list holds nothing: what is not readable trusts nobody. */
async function readAll(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readOwn(path);
  const value = text === null ? null : parseLooseObject(text);
  if (value === null) {
    return new Map();
  }
  return new Map(
    Object.keys(value).map((repository) => [repository, textsOf(ownValue(value, repository))]),
  );
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** Null when there is no file. @throws {SkeinError} SKN-8972 when somebody else could have written it. */
async function readOwn(path: string): Promise<string | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file;
  try {
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return null;
    }
    throw notOwn(path, error);
  }
  try {
    const stats = await file.stat();
    const isOurs = process.getuid === undefined || stats.uid === process.getuid();
    const isClosed = (stats.mode & 0o022) === 0 || process.platform === "win32";
    if (!stats.isFile() || !isOurs || !isClosed) {
      throw notOwn(path);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function notOwn(path: string, cause?: unknown): SkeinError {
  return new SkeinError(secretErrors.openTrust, {
    message: `${path} is no plain file that you alone can write.`,
    fix: `Look at it, then delete it or run chmod 600 ${path}`,
    facts: { path },
    cause,
  });
}

async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}`;
  try {
    await writeFile(fresh, text, { mode: 0o600, flag: "wx" });
    await rename(fresh, path);
  } finally {
    await rm(fresh, { force: true });
  }
}

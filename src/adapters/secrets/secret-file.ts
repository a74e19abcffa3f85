import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

import { SkeinError } from "../../core/base/errors.ts";
import { secretErrors } from "./errors.ts";

/** The most that a file or a command may give for a secret. */
export const maxSecretBytes = 64 * 1_024;

/** Where a secret is looked up from. */
export interface SecretFinder {
  /** What `~` stands for. */
  readonly home: string;
  /** Where the reference stands, as an end of `Name another one …`. Default `in skein.yml`. */
  readonly named?: string | undefined;
}

/**
 * The text of a file that holds a secret; `~/` is the home.
 *
 * @throws {SkeinError} SKN-2971 for a relative path, SKN-3972 when it cannot be read or is empty, SKN-8971 when everybody may read it.
 */
export async function readSecretFile(
  place: string,
  { home, named = "in skein.yml" }: SecretFinder,
): Promise<string> {
  const path = place.startsWith("~/") ? join(home, place.slice(2)) : place;
  if (!isAbsolute(path)) {
    throw new SkeinError(secretErrors.badReference, {
      message: `The file ${place} of a secret is not named by an absolute path.`,
      fix: `Name it by its absolute path ${named}.`,
    });
  }
  const { text, isOpen } = await readPlainFile(path, named);
  if (isOpen) {
    throw new SkeinError(secretErrors.openFile, {
      message: `Everybody on this machine can read ${path}.`,
      fix: `Run chmod 600 ${path}`,
      facts: { path },
    });
  }
  if (text.trim() === "") {
    throw noFile({ path, named, why: "it is empty" });
  }
  return text;
}

interface PlainFile {
  readonly text: string;
  /** True when others may read it. */
  readonly isOpen: boolean;
}

async function readPlainFile(path: string, named: string): Promise<PlainFile> {
  let file;
  try {
    // A pipe that nobody writes to would be waited for without end.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw noFile({ path, named, why: "it cannot be opened", cause: error });
  }
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o170_000) !== 0o100_000 || size > maxSecretBytes) {
      throw noFile({ path, named, why: "it is no plain file of at most 64 KiB" });
    }
    return { text: await file.readFile("utf8"), isOpen: isOpenTo(path, mode) };
  } finally {
    await file.close();
  }
}

/** Containers mount their secrets readable for all inside of them. Windows has no such permissions. */
function isOpenTo(path: string, mode: number): boolean {
  return (mode & 0o004) !== 0 && !path.startsWith("/run/secrets/") && process.platform !== "win32";
}

interface Unreadable {
  readonly path: string;
  readonly named: string;
  readonly why: string;
  readonly cause?: unknown;
}

function noFile({ path, named, why, cause }: Unreadable): SkeinError {
  return new SkeinError(secretErrors.noFile, {
    message: `The file ${path} of a secret cannot be read: ${why}.`,
    fix: `Write the secret into the file, readable by you alone, or name another one ${named}.`,
    facts: { path },
    cause,
  });
}

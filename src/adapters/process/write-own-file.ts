import { randomBytes } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** Writes a file that only this user can read, in one step, over one that is there. */
export function writeOwnFile(file: string, text: string): void {
  withFresh(file, text, (fresh) => {
    renameSync(fresh, file);
  });
}

/** The same, and false where there is one already. */
export function putOwnFile(file: string, text: string): boolean {
  return withFresh(file, text, (fresh) => {
    try {
      linkSync(fresh, file);
      return true;
    } catch (error) {
      return !isThere(error) && copyFirst(fresh, file);
    }
  });
}

/** Not every file system knows links. */
function copyFirst(fresh: string, file: string): boolean {
  try {
    copyFileSync(fresh, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isThere(error)) {
      return false;
    }
    throw error;
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

/** Works with a file beside another, which is gone afterwards. */
function withFresh<T>(file: string, text: string, work: (fresh: string) => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    chmodSync(fresh, 0o600);
    return work(fresh);
  } finally {
    rmSync(fresh, { force: true });
  }
}

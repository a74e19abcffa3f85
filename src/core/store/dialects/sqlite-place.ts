import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  statfsSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { removeWitness } from "./witness.ts";

/** Tells the type number of the file system that holds a directory, as `statfs` does. */
export type FileSystemType = (directory: string) => number;

/** Linux's magic numbers of file systems that are not on this machine's own disk or memory. */
const sharedFileSystems: ReadonlyMap<number, string> = new Map([
  [0x69_69, "NFS"],
  [0x51_7b, "SMB"],
  [0xfe_53_4d_42, "SMB2"],
  [0xff_53_4d_42, "CIFS"],
  [0x01_02_19_97, "9p"],
  [0x53_46_48_46, "drvfs"],
  [0x65_73_55_46, "FUSE or virtiofs"],
  [0x53_46_41_4f, "AFS"],
  [0x6b_41_46_53, "AFS"],
  [0x73_75_72_45, "Coda"],
  [0x00_c3_64_00, "Ceph"],
  [0x47_50_46_53, "GPFS"],
  [0x0b_d0_0b_d0, "Lustre"],
  [0x78_6f_42_56, "VirtualBox shared folder"],
  [0xba_cb_ac_bc, "VMware shared folder"],
  [0x7c_7c_66_73, "Parallels shared folder"],
  [0x19_83_03_26, "BeeGFS"],
  [0x74_61_63_6f, "OCFS2"],
  [0x01_16_19_70, "GFS2"],
]);

/** The name of a file system that other machines or user-space programs share, by its type number on Linux; null for every other. */
export function sharedFileSystem(type: number): string | null {
  return sharedFileSystems.get(type >>> 0) ?? null;
}

/** The type number of the file system, by the operating system. */
export function fileSystemTypeOf(directory: string): number {
  return statfsSync(directory).type;
}

/**
 * Makes the store's place ready and safe: a directory of mode 0700 that is no symbolic link, on a local file system, and a file of mode
 * 0600. The file itself is never opened when it exists: closing any descriptor would drop this process's locks on it.
 * @throws {SkeinError} SKN-7108, SKN-7109, SKN-7110 or SKN-7113.
 */
export function preparePlace(file: string, fileSystemType: FileSystemType): void {
  try {
    const directory = dirname(file);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    checkDirectory(directory);
    checkFileSystem(directory, fileSystemType);
    for (const suffix of ["-wal", "-shm", "-witness"]) {
      checkFile(`${file}${suffix}`);
    }
    if (!checkFile(file)) {
      if (!existsSync(`${file}-wal`)) {
        // Whoever removes the whole store means to begin anew; a journal without its store is another matter.
        removeWitness(file);
      }
      createFile(file);
    }
  } catch (error) {
    throw explainPlace(error, file);
  }
}

/** Makes an empty file of mode 0600 for a copy. @throws {SkeinError} SKN-1102 when it exists; SKN-71xx when it cannot be made. */
export function createEmptyFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) === "EEXIST") {
      throw new SkeinError(storeErrors.backupExists, {
        message: `A backup needs a new file; ${file} exists.`,
        facts: { file },
        cause: error,
      });
    }
    throw explainPlace(error, file);
  }
}

function checkDirectory(directory: string): void {
  const stats = lstatSync(directory);
  if (stats.isSymbolicLink()) {
    throw unsafe(directory, "is a symbolic link");
  }
  // Windows has no such bits; a sticky directory, as /tmp, keeps others from replacing our files.
  const isSticky = (stats.mode & 0o1000) !== 0;
  if (process.platform !== "win32" && (stats.mode & 0o002) !== 0 && !isSticky) {
    throw unsafe(
      directory,
      "can be written by every user of this machine",
      `Look whether anybody changed what is in it, and close it: \`chmod 700\` that directory.`,
    );
  }
}

function checkFileSystem(directory: string, fileSystemType: FileSystemType): void {
  const name = directory.startsWith("\\\\")
    ? "a network share"
    : sharedFileSystems.get(fileSystemType(realpathSync(directory)) >>> 0);
  if (name !== undefined) {
    throw new SkeinError(storeErrors.networkFiles, {
      message: `The store's directory ${directory} is on ${name}.`,
      facts: { directory, file_system: name },
    });
  }
}

/** True when the file is there, regular, and now closed to other users. */
function checkFile(file: string): boolean {
  const stats: Stats | undefined = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return false;
  }
  if (stats.isSymbolicLink()) {
    throw unsafe(file, "is a symbolic link");
  }
  if (!stats.isFile()) {
    throw new SkeinError(storeErrors.cannotOpen, {
      message: `${file} is not a regular file.`,
      facts: { file },
    });
  }
  const isOwn = process.getuid === undefined || stats.uid === process.getuid();
  if (isOwn && (stats.mode & 0o077) !== 0) {
    chmodSync(file, 0o600);
  }
  return true;
}

function createFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") {
      throw error;
    }
  }
}

function unsafe(path: string, what: string, fix?: string): SkeinError {
  return new SkeinError(storeErrors.unsafePath, {
    message: `${path} ${what}.`,
    ...(fix === undefined ? {} : { fix }),
    facts: { path },
  });
}

function explainPlace(error: unknown, file: string): unknown {
  const code = systemCode(error);
  if (code === null) {
    return error;
  }
  const entries = {
    EACCES: storeErrors.readOnly,
    EPERM: storeErrors.readOnly,
    EROFS: storeErrors.readOnly,
    ENOSPC: storeErrors.full,
    EDQUOT: storeErrors.full,
    EIO: storeErrors.inputOutput,
  } as const;
  const known = Object.entries(entries).find(([name]) => name === code);
  const entry = known?.[1] ?? storeErrors.cannotOpen;
  return new SkeinError(entry, {
    message: `${entry.title} (${file}: ${code})`,
    facts: { file, system: code },
    cause: error,
  });
}

function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && "syscall" in error
    ? String(error.code)
    : null;
}

import { hash } from "node:crypto";
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string | null = null;

const seeds = new Map<string, string>();

/**
 * Makes a git repository in an empty folder. Each process makes one of a kind by git itself and copies it from then on: three programs take
 * some twenty times as long as thirty files.
 */
export function seedRepository(root: string, kind: string, make: () => void): void {
  const seed = seeds.get(kind);
  if (seed !== undefined) {
    copyRepository(seed, root);
    return;
  }
  make();
  const kept = join(ownFolder(), String(seeds.size));
  mkdirSync(kept);
  copyRepository(root, kept);
  seeds.set(kind, kept);
}

/** Copies a repository that has neither worktrees nor packs that are being written, into an empty folder. */
export function copyRepository(from: string, to: string): void {
  copyFolder(from, to);
  const index = join(to, ".git/index");
  const bytes =
    lstatSync(index, { throwIfNoEntry: false }) === undefined ? null : readFileSync(index);
  if (bytes !== null) {
    writeFileSync(index, indexOfCopies(bytes, to));
  }
}

function copyFolder(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      mkdirSync(target);
      copyFolder(source, target);
    } else if (entry.isSymbolicLink()) {
      symlinkSync(readlinkSync(source), target);
    } else {
      copyFileSync(source, target);
    }
  }
}

/** An entry begins with ten numbers that `lstat` told of its file; then come its hash, its flags and its path. */
const [headBytes, pathAt, hashBytes] = [12, 62, 20];

/** Git tells by what `lstat` says of a file whether it changed: its index is given what that says of the copies. See git's `index-format`, version 2. */
function indexOfCopies(original: Buffer, root: string): Buffer {
  const index = Buffer.from(original);
  if (index.toString("latin1", 0, 4) !== "DIRC" || index.readUInt32BE(4) !== 2) {
    throw new Error("The index of this repository is of no version that can be copied.");
  }
  let at = headBytes;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const end = index.indexOf(0, at + pathAt);
    const stats = lstatSync(join(root, index.toString("utf8", at + pathAt, end)), { bigint: true });
    const nanoseconds = 1_000_000_000n;
    const { ctimeNs, mtimeNs, dev, ino, uid, gid, size } = stats;
    const times = [ctimeNs, mtimeNs].flatMap((ns) => [ns / nanoseconds, ns % nanoseconds]);
    const mode = BigInt(index.readUInt32BE(at + 24));
    for (const [place, value] of [...times, dev, ino, mode, uid, gid, size].entries()) {
      index.writeUInt32BE(Number(BigInt.asUintN(32, value)), at + place * 4);
    }
    // One to eight zeros fill an entry up to a multiple of eight.
    at += Math.ceil((end - at + 1) / 8) * 8;
  }
  const body = index.subarray(0, -hashBytes);
  return Buffer.concat([body, hash("sha1", body, "buffer")]);
}

function ownFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), "skein-seeds-"));
    process.once("exit", () => {
      rmSync(made, { recursive: true, force: true });
    });
    folder = made;
  }
  return folder;
}

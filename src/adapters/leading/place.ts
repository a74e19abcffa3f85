import { randomBytes } from "node:crypto";
import { lstatSync, mkdtempSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** The seat of a store's leader. */
export function seatFile(storeDir: string): string {
  return join(storeDir, "leader.json");
}

/** What systems take as the address of a socket, in bytes; Linux takes 107, macOS 103. */
const longestAddress = 100;

/** An address of this process's own to listen at, in a folder that this user alone may enter. */
export function freshSocket(storeDir: string): string {
  if (process.platform === "win32") {
    return `\\\\.\\pipe\\skein-${randomBytes(16).toString("hex")}`;
  }
  const name = `leader-${String(process.pid)}-${randomBytes(3).toString("hex")}.sock`;
  const near = join(storeDir, name);
  return Buffer.byteLength(near) <= longestAddress
    ? near
    : join(mkdtempSync(join(tmpdir(), ownFolder)), "leader.sock");
}

/** How the name of a folder begins that was made for one socket. */
const ownFolder = "skein-leader-";

/**
 * Takes away what is left of an address, with the folder that was made for it; nothing but a socket with a name that `freshSocket` gives. Never
 * throws: what cannot be taken away is in nobody's way.
 */
export function clearSocket(address: string): void {
  if (!/^leader(?:-\d+-[0-9a-f]{6})?\.sock$/u.test(basename(address))) {
    return;
  }
  try {
    if (lstatSync(address, { throwIfNoEntry: false })?.isSocket() === true) {
      rmSync(address, { force: true });
    }
    const folder = dirname(address);
    if (basename(folder).startsWith(ownFolder)) {
      rmdirSync(folder);
    }
  } catch {
    // It is not there, or not empty, or not this user's.
  }
}

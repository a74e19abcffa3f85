import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
    : join(mkdtempSync(join(tmpdir(), "skein-leader-")), "leader.sock");
}

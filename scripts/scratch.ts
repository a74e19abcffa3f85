import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux keeps what is written here in memory, without a disk's journal. */
const inMemory = "/dev/shm";

/** In bytes: some times what the tests have on the disk at once. */
const roomWanted = 6_000_000_000;

/** A folder for one run of the tests, and the part of it that is theirs. */
export interface Scratch {
  readonly folder: string;
  /** Where the programs of a run have their temporary files. */
  readonly temporary: string;
}

/** Makes a folder in memory where there is room for it and its files may run, else where `TMPDIR` says or the machine's temporary files are. Whoever makes it removes it. */
export function createScratch(): Scratch {
  const given = process.env["TMPDIR"];
  const folder = (given === undefined ? makeIn(inMemory) : null) ?? make(tmpdir());
  const temporary = join(folder, "t");
  // Programs that tests kill leave what they made: it goes with the folder. Servers that run as somebody else have places of their own in it.
  mkdirSync(temporary);
  chmodSync(folder, 0o711);
  chmodSync(temporary, 0o1777);
  return { folder, temporary };
}

/** Null where there is no such place, too little room, or one whose files may not run, as in a container. */
export function makeIn(place: string, room = roomWanted): string | null {
  let folder: string | null = null;
  try {
    const { bavail, bsize } = statfsSync(place);
    if (bavail * bsize < room) {
      return null;
    }
    folder = make(place);
    const program = join(folder, "program");
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
    const { status } = spawnSync(program);
    rmSync(status === 0 ? program : folder, { recursive: true, force: true });
    return status === 0 ? folder : null;
  } catch {
    return null;
  }
}

/** The name is short: sockets below it may have paths of about a hundred characters. */
function make(place: string): string {
  return mkdtempSync(join(place, "skein-"));
}

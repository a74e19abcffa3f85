import { setTimeout as pause } from "node:timers/promises";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  statSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createFileDoorbell } from "../../adapters/bus/file-doorbell.ts";
import { databaseOf } from "../../compose.ts";
import type { OpenProject } from "../../compose.ts";
import { migrations } from "../../core/index.ts";
import { sharedFileSystem } from "../../core/store/index.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { counted } from "../counted.ts";

/** Looks at what is in the store. */
export async function examineStore({ project, storeDir }: Patient): Promise<readonly Finding[]> {
  return project === null
    ? []
    : [
        ...(await examineDatabase(project)),
        await examineLedger(project),
        await examineClock(project),
        ...(project.place.kind === "sqlite"
          ? await examineBell(project, storeDir)
          : [await examineBus(project)]),
      ];
}

/** Looks at the store's place. Comes before the store is opened, which may put modes right. */
export function examinePlace(
  storeDir: string,
  { isServer }: { readonly isServer: boolean },
): readonly Finding[] {
  if (statSync(storeDir, { throwIfNoEntry: false })?.isDirectory() === false) {
    return [noFolder(storeDir)];
  }
  try {
    accessSync(storeDir, constants.R_OK | constants.X_OK);
  } catch (error) {
    return isMissing(error) ? [] : [unreadable(storeDir)];
  }
  return [
    examineMode(storeDir, 0o700, "store-folder-mode"),
    examineMode(databaseOf(storeDir), 0o600, "store-file-mode"),
    examineWriting(storeDir),
    examineSize(databaseOf(storeDir)),
    // Notes and caches may lie anywhere; only a database that processes share may not.
    isServer ? null : examineFileSystem(statfsSync(storeDir).type),
  ].flatMap((finding) => finding ?? []);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function noFolder(storeDir: string): Finding {
  return trouble("fail", "store-unreadable", {
    what: `${storeDir} is a file, where the folder of the ledger belongs.`,
    why: "Nothing can be written there, so that nobody is coordinated.",
    fix: `Move ${storeDir} away, then run \`skein init --yes\`.`,
  });
}

/** A file without bytes is taken for a new ledger by whoever opens it next. */
function examineSize(file: string): Finding | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  const hasJournal = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return stats?.isFile() !== true || stats.size > 0 || hasJournal
    ? null
    : trouble("fail", "store-empty", {
        what: `${file} has no bytes: what was in the ledger is gone.`,
        why: "Somebody emptied it, or the disk was full; the next command makes a new ledger of it, without tasks, leases and history.",
        fix: "Stop all agents and restore the last backup made by `skein maintain`; without one, `skein init --yes`.",
      });
}

function unreadable(storeDir: string): Finding {
  return trouble("fail", "store-unreadable", {
    what: `${storeDir} cannot be read by this user.`,
    why: "Another user set Skein up here, or the folder's permissions were changed.",
    fix: `Work as the owner of ${storeDir}, or give it back with chown and chmod 700.`,
  });
}

/** Judges where the store lies, by the type number that the operating system gives. */
export function examineFileSystem(type: number): Finding {
  const isKnown = process.platform === "linux";
  const shared = isKnown ? sharedFileSystem(type) : null;
  const says = isKnown ? ", none that machines share" : "";
  return shared === null
    ? fine("file-system", `The store's file system has the type 0x${type.toString(16)}${says}.`)
    : trouble("fail", "file-system", {
        what: `The store lies on ${shared}.`,
        why: "Locks and shared memory do not hold there, so that two writers could break the database.",
        fix: "Move the repository to a disk of this machine.",
      });
}

function examineMode(path: string, wanted: number, id: string): Finding | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || process.platform === "win32") {
    return null;
  }
  const others = stats.mode & 0o077;
  return others === 0
    ? fine(id, `${path} belongs to its owner alone.`)
    : trouble("warn", id, {
        what: `Others on this machine may open ${path} (mode ${(stats.mode & 0o777).toString(8)}).`,
        why: "The ledger holds what your agents are told, and whoever can write it can lie to them.",
        fix: `chmod ${wanted.toString(8)} ${path}`,
        mend: async () => {
          chmodSync(path, wanted);
        },
      });
}

function examineWriting(storeDir: string): Finding {
  try {
    accessSync(storeDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return fine("store-writable", "The store can be written from here.");
  } catch {
    return trouble("warn", "store-writable", {
      what: `${storeDir} cannot be written from here.`,
      why: "A sandbox or its permissions forbid it: hooks then ask the session's own MCP server over a socket.",
      fix: `Give this user write access to ${storeDir}, or let the sandbox write to it.`,
    });
  }
}

async function examineDatabase({ skein }: OpenProject): Promise<readonly Finding[]> {
  const health = await skein.store.maintenance.health("quick");
  const newest = migrations.length;
  return [
    fine(
      skein.store.dialect,
      `${health.engine}, ${String(Math.ceil(health.sizeBytes / 1_024))} KB`,
    ),
    health.ok
      ? fine("database", "The database is well formed.")
      : trouble("fail", "database", {
          what: `The database is damaged: ${health.problems.slice(0, 3).join("; ")}.`,
          why: "Bytes of it were changed or lost outside of the database's own programs.",
          fix: "Stop all agents and restore the last backup: `skein maintain --backup` makes those of a file, `pg_dump` those of a server.",
        }),
    health.schemaVersion === newest
      ? fine("schema", `Schema version ${String(newest)}.`)
      : trouble("fail", "schema", {
          what: `The schema has version ${String(health.schemaVersion)}, this Skein knows ${String(newest)}.`,
          why: "Another version of Skein changed the tables.",
          fix: "Use the same version of Skein in all worktrees.",
        }),
  ];
}

async function examineLedger({ skein }: OpenProject): Promise<Finding> {
  const { isClean, violations, events } = await skein.upkeep.verify();
  return isClean
    ? fine("ledger", `The chain of ${counted(events, "event")} and all invariants hold.`)
    : trouble("fail", "ledger", {
        what: `${counted(violations.length, "thing")} in the ledger ${violations.length === 1 ? "does" : "do"} not hold: ${violations[0]?.text ?? ""}`,
        why: "Rows were changed by something else than Skein, or Skein has a bug.",
        fix: "Run `skein verify` for all of them; restore a backup if rows were changed by hand.",
      });
}

const largestSkewMs = 60_000;

/** The store's time goes on with the monotonic clock of a boot; the wall clock may have been set since. */
async function examineClock({ skein }: OpenProject): Promise<Finding> {
  const nowMs = await skein.store.read(async (reader) => reader.nowMs);
  const behindMs = nowMs - Date.now();
  if (Math.abs(behindMs) <= largestSkewMs) {
    return fine("clock", "The clock of this machine and the store's agree.");
  }
  return behindMs > 0
    ? trouble("warn", "clock-behind", {
        what: `The clock of this machine is ${String(Math.round(behindMs / 1_000))} s behind the store's time.`,
        why: "The store's time never goes back, so what is shown lies in the future; nothing expires by it.",
        fix: "Set the clock, as with `timedatectl set-ntp true`.",
      })
    : trouble("note", "clock", {
        what: `The store's time is ${String(Math.round(-behindMs / 1_000))} s behind the clock of this machine.`,
        why: "The clock was set, or the machine slept; nothing expires earlier or later by it, but times are shown so.",
        fix: "Nothing to do; it ends with the next start of this machine.",
      });
}

/** Whoever wrote an event rang, so the bell is there unless somebody took it away. */
async function examineBell({ skein }: OpenProject, storeDir: string): Promise<readonly Finding[]> {
  const file = join(storeDir, "doorbell");
  const head = await skein.store.read((reader) => skein.events.head(reader));
  if (head.seq === 0 || existsSync(file)) {
    return [await examineDoorbell(storeDir)];
  }
  return [
    trouble("warn", "doorbell-gone", {
      what: `The doorbell ${file} is gone.`,
      why: "Servers that run now still listen at the old one, and look four times a second instead.",
      fix: "The next write makes it anew; start waiting agents again, or run `skein doctor --fix`.",
      mend: async () => {
        writeFileSync(file, ".", { mode: 0o600 });
      },
    }),
  ];
}

/** Listens as a waiting agent does, until it is known whether anything can be heard. */
async function examineBus({ skein, bus }: OpenProject): Promise<Finding> {
  const stop = skein.events.watch(() => undefined);
  try {
    const untilMs = performance.now() + 2 * patienceMs;
    while (bus.health().state === "idle" && performance.now() < untilMs) {
      await pause(20);
    }
  } finally {
    stop();
  }
  const { kind, state, reason } = bus.health();
  return state === "well"
    ? fine("bus", `Nodes hear of each other's changes at once, over ${kind}.`)
    : trouble("warn", "bus", {
        what: `The bus over ${kind} is down: ${reason ?? "nothing answers"}.`,
        why: "Changes of other nodes are then noticed by looking, within two seconds; nothing is lost.",
        fix: "Look at that server, and at SKEIN_BUS_URL: it names the database server itself, not a pooler.",
      });
}

const patienceMs = 2_000;

/** Says that nothing happened, so that only a file event can be heard. */
async function mark(): Promise<number> {
  return 0;
}

/** Rings from one side and listens on another, with nothing to find but the file event itself. */
async function examineDoorbell(storeDir: string): Promise<Finding> {
  const file = join(storeDir, "doorbell");
  // Nothing is looked at meanwhile: only what the file tells counts.
  const ears = createFileDoorbell({ file, mark, backstopMs: 2 * patienceMs });
  const hand = createFileDoorbell({ file, mark });
  try {
    const heard = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, patienceMs, false);
      const again = setInterval(() => {
        hand.ring();
      }, 50);
      ears.watch(() => {
        clearTimeout(timer);
        clearInterval(again);
        resolve(true);
      });
      setTimeout(clearInterval, patienceMs, again);
    });
    return heard
      ? fine("doorbell", "Processes hear of each other's changes at once.")
      : trouble("warn", "doorbell", {
          what: "No file event arrives at the store's doorbell.",
          why: "Waiting agents then look once a second instead of at once.",
          fix: "Raise the limit of file watches (on Linux: fs.inotify.max_user_watches), or use a local disk.",
        });
  } finally {
    ears.close();
    hand.close();
  }
}

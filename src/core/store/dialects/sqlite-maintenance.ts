import { rmSync } from "node:fs";
import { storeErrors } from "../errors.ts";
import type { Maintenance, StoreHealth } from "../store.ts";
import type { SqliteDriver } from "./sqlite-driver.ts";
import { isFault } from "./sqlite-faults.ts";
import { createEmptyFile } from "./sqlite-place.ts";
import { libraryVersion, readPragma } from "./sqlite-schema.ts";

export interface MaintenanceDeps {
  readonly driver: SqliteDriver;
  readonly file: string;
  /** Runs work on the connection while no transaction of this process is open. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes the care of a SQLite file; everything goes through its own connection. */
export function createMaintenance(deps: MaintenanceDeps): Maintenance {
  const { driver, file } = deps;
  return {
    backup: async (target) => {
      // SQLite writes into an empty file as into none, and our file is closed to others.
      createEmptyFile(target);
      try {
        await deps.alone(async () => {
          driver.prepare("VACUUM INTO ?").run(target);
        });
      } catch (error) {
        rmSync(target, { force: true });
        throw error;
      }
    },
    tidy: async () => {
      await deps.alone(async () => {
        tidy(driver);
      });
    },
    recount: async () => {},
    health: async (depth) => deps.alone(async () => check(driver, depth, file)),
  };
}

/**
 * Gathers no statistics: the indexes are made for the statements, while numbers taken when few tasks were claimed turn the planner away from
 * the index of claims to a walk over all tasks.
 */
function tidy(driver: SqliteDriver): void {
  checkpoint(driver);
  // VACUUM rewrites every page and keeps all writers out meanwhile, so it must be worth it.
  if (readPragma(driver, "freelist_count") * 4 > readPragma(driver, "page_count")) {
    rewrite(driver);
    checkpoint(driver);
  }
}

/** Rewrites the file; the copy that this takes is on the disk, however small things are kept. */
function rewrite(driver: SqliteDriver): void {
  const kept = readPragma(driver, "temp_store");
  driver.exec("PRAGMA temp_store = FILE");
  try {
    driver.exec("VACUUM");
  } finally {
    driver.exec(`PRAGMA temp_store = ${String(kept)}`);
  }
}

function checkpoint(driver: SqliteDriver): void {
  // Answers with a row, and with `busy = 1` rather than an error when readers are in the way: the next one will do it.
  driver.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
}

function check(driver: SqliteDriver, depth: "quick" | "full", file: string): StoreHealth {
  const problems = problemsOf(driver, depth, file);
  return {
    ok: problems.length === 0,
    problems,
    engine: `SQLite ${libraryVersion(driver)}`,
    schemaVersion: readPragma(driver, "user_version"),
    sizeBytes: readPragma(driver, "page_count") * readPragma(driver, "page_size"),
  };
}

function problemsOf(
  driver: SqliteDriver,
  depth: "quick" | "full",
  file: string,
): readonly string[] {
  const pragma = depth === "quick" ? "quick_check" : "integrity_check";
  try {
    const rows = driver.prepare(`PRAGMA ${pragma}(20)`).all<Readonly<Record<string, string>>>();
    return rows.flatMap((row) => Object.values(row)).filter((line) => line !== "ok");
  } catch (error) {
    if (isFault(error, storeErrors.broken)) {
      return [`${file}: the check itself stopped at a damaged page`];
    }
    throw error;
  }
}

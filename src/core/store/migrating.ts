import { SkeinError } from "../base/errors.ts";
import { storeErrors } from "./errors.ts";
import type { Migration } from "./store.ts";

/** Puts the steps of all modules in order. @throws {SkeinError} SKN-0101 when a version is missing or there twice. */
export function orderMigrations(migrations: readonly Migration[]): readonly Migration[] {
  const ordered = migrations.toSorted((left, right) => left.version - right.version);
  for (const [index, migration] of ordered.entries()) {
    if (migration.version !== index + 1) {
      throw new SkeinError(storeErrors.badMigrations, {
        message: `Schema step "${migration.name}" has version ${String(migration.version)}; ${String(index + 1)} comes next.`,
        facts: { step: migration.name, version: migration.version, expected: index + 1 },
      });
    }
  }
  return ordered;
}

/** The version of the last step; 0 when there is none. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/** @throws {SkeinError} SKN-7106 when the store's schema is newer than this program knows. */
export function refuseNewer(version: number, migrations: readonly Migration[]): void {
  const latest = latestVersion(migrations);
  if (version > latest) {
    throw new SkeinError(storeErrors.newerSchema, {
      message: `The store has schema ${String(version)}; this Skein knows schemas up to ${String(latest)}.`,
      facts: { schema: version, known: latest },
    });
  }
}

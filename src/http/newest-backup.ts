import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Family } from "../core/metrics/index.ts";

/**
 * How old the newest file in the folder of backups is, whoever wrote it: `skein maintain --backup`, `pg_dump` or another. Nothing without a
 * folder; a folder without a file counts as never.
 */
export async function backupGauge(folder: string | null): Promise<readonly Family[]> {
  if (folder === null) {
    return [];
  }
  const newestMs = await newestIn(folder);
  return [
    {
      name: "skein_backup_age_seconds",
      type: "gauge",
      help: "Age of the newest file in SKEIN_BACKUP_DIR; +Inf without one.",
      values: [
        {
          labels: {},
          value:
            newestMs === null
              ? Number.POSITIVE_INFINITY
              : Math.max(0, (Date.now() - newestMs) / 1_000),
        },
      ],
    },
  ];
}

async function newestIn(folder: string): Promise<number | null> {
  const names = await readdir(folder).catch(() => []);
  const times = await Promise.all(
    names.map(async (name) => {
      const stats = await stat(join(folder, name)).catch(() => null);
      return stats?.isFile() === true && stats.size > 0 ? stats.mtimeMs : 0;
    }),
  );
  const newest = times.reduce((most, each) => Math.max(most, each), 0);
  return newest === 0 ? null : newest;
}

import type { Migration } from "../../src/core/store/index.ts";

/** Forty schema steps, each of which fails if it is run twice or on a half-done one before it. */
export const manySteps: readonly Migration[] = Array.from({ length: 40 }, (_, index) => {
  const version = index + 1;
  const before = version - 1;
  return {
    version,
    name: `step ${String(version)}`,
    statements: [
      `CREATE TABLE step_${String(version)} (project TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)`,
      `INSERT INTO step_${String(version)} (project, n) VALUES ('demo', ${String(version)})`,
      ...(before > 0
        ? [
            `INSERT INTO step_${String(version)} (project, n) SELECT 'before', n FROM step_${String(before)} WHERE project = 'demo'`,
          ]
        : []),
    ],
  };
});

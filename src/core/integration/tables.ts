import type { Migration } from "../store/index.ts";

/** Whose turn it is to integrate: one row a project. */
export const integrationMigration: Migration = {
  version: 8,
  name: "integration",
  statements: [
    `CREATE TABLE integration_turns (
      project TEXT NOT NULL PRIMARY KEY,
      holder TEXT NOT NULL,
      until_ms BIGINT NOT NULL
    )`,
  ],
};

/** Takes a free or expired turn, or renews one's own. */
export const takeTurn = `INSERT INTO integration_turns (project, holder, until_ms) VALUES (?, ?, ?)
  ON CONFLICT (project) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
  WHERE integration_turns.until_ms <= ? OR integration_turns.holder = excluded.holder`;

export const giveUpTurn = "DELETE FROM integration_turns WHERE project = ? AND holder = ?";

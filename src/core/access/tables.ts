import type { Migration } from "../store/index.ts";
import type { Role } from "./role.ts";
import type { TokenId } from "./token.ts";

/** Personal tokens, with the hashes of their texts. */
export const accessMigration: Migration = {
  version: 14,
  name: "access",
  statements: [
    `CREATE TABLE access_tokens (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      hash TEXT NOT NULL,
      made_by TEXT NOT NULL,
      made_at_ms BIGINT NOT NULL,
      expires_at_ms BIGINT NOT NULL,
      revoked_at_ms BIGINT,
      last_used_at_ms BIGINT,
      PRIMARY KEY (project, number)
    )`,
  ],
};

export interface TokenRow {
  readonly number: number;
  readonly name: string;
  readonly role: Role;
  /** Hex SHA-256 of the token's text; empty for one that came with an import. */
  readonly hash: string;
  readonly made_by: string;
  readonly made_at_ms: number;
  readonly expires_at_ms: number;
  readonly revoked_at_ms: number | null;
  readonly last_used_at_ms: number | null;
}

/** The number within a token's id. */
export function numberOf(id: TokenId): number {
  return Number(id.slice(1));
}

const columns =
  "number, name, role, hash, made_by, made_at_ms, expires_at_ms, revoked_at_ms, last_used_at_ms";

export const selectLastNumber =
  "SELECT number FROM access_tokens WHERE project = ? ORDER BY number DESC LIMIT 1";

export const countGood =
  "SELECT COUNT(*) AS count FROM access_tokens WHERE project = ? AND revoked_at_ms IS NULL AND hash <> '' AND expires_at_ms > ?";

export const insertToken = `INSERT INTO access_tokens (project, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)`;

export const selectToken = `SELECT ${columns} FROM access_tokens WHERE project = ? AND number = ?`;

export const selectTokens = `SELECT ${columns} FROM access_tokens WHERE project = ? ORDER BY number`;

export const updateRevoked =
  "UPDATE access_tokens SET revoked_at_ms = ? WHERE project = ? AND number = ? AND revoked_at_ms IS NULL";

export const updateUsed =
  "UPDATE access_tokens SET last_used_at_ms = ? WHERE project = ? AND number = ? AND (last_used_at_ms IS NULL OR last_used_at_ms < ?)";

/** The newest stays, so that no number is given twice. */
export const deleteOld = `DELETE FROM access_tokens WHERE project = ? AND (expires_at_ms < ? OR revoked_at_ms < ?)
  AND number < (SELECT MAX(number) FROM access_tokens WHERE project = ?)`;

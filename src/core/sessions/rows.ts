import type { SessionId } from "../base/ids.ts";
import { cleanLine } from "../base/text.ts";
import type { EntityChange } from "../events/index.ts";
import type { Query, Reader } from "../store/index.ts";
import type { ProcessStamp, Session } from "./session.ts";
import * as sql from "./tables.ts";

/** External ids are kept up to this length, in characters. */
export const maxExternalId = 200;

/** Reads a stored session. */
export function sessionOf(row: sql.SessionRow): Session {
  const ancestors: readonly SessionId[] = row.depth === 0 ? [] : JSON.parse(row.ancestors);
  const skills: readonly string[] = row.skills === "[]" ? [] : JSON.parse(row.skills);
  const process: ProcessStamp | null = row.process === null ? null : JSON.parse(row.process);
  return {
    id: `s${row.number}`,
    name: row.name,
    role: row.role,
    tier: row.tier,
    depth: row.depth,
    parent: ancestors[0] ?? null,
    ancestors,
    skills,
    client: row.client,
    externalId: row.external_id,
    process,
    gitDir: row.git_dir,
    branch: row.branch,
    joinedAtMs: row.joined_at_ms,
    renewedAtMs: row.renewed_at_ms,
    callUntilMs: row.call_until_ms,
    isParked: row.open_questions > 0,
    endedAtMs: row.ended_at_ms,
    endReason: row.end_reason,
    principal: row.principal,
  };
}

/** The session of an id, living or ended, or null. */
export async function findSession(reader: Reader, id: SessionId): Promise<Session | null> {
  const row = await reader.get<sql.SessionRow>(sql.selectSession, [
    reader.project,
    sql.numberOf(id),
  ]);
  return row === null ? null : sessionOf(row);
}

/** The living session of a host's id, or null. */
/** What `findByExternalId` asks. */
export function externalIdQuery(project: string, externalId: string): Query {
  return {
    sql: sql.selectByExternalId,
    params: [project, cleanLine(externalId, maxExternalId)],
  };
}

export async function findByExternalId(
  reader: Reader,
  externalId: string,
): Promise<Session | null> {
  const asked = externalIdQuery(reader.project, externalId);
  const row = await reader.get<sql.SessionRow>(asked.sql, asked.params);
  return row === null ? null : sessionOf(row);
}

/** The change of a session as events carry it: no secrets, no process. Renewals are no events. */
export function sessionChange(session: Session): EntityChange {
  return {
    entity: "session",
    id: session.id,
    set: {
      name: session.name,
      role: session.role,
      tier: session.tier,
      depth: session.depth,
      parent: session.parent,
      skills: session.skills,
      client: session.client,
      external_id: session.externalId,
      git_dir: session.gitDir,
      branch: session.branch,
      ...(session.principal === null ? {} : { principal: session.principal }),
      joined_at: session.joinedAtMs,
      ended_at: session.endedAtMs,
      end_reason: session.endReason,
    },
  };
}

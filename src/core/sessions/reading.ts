import type { SessionId } from "../base/ids.ts";
import { isSessionId } from "../base/ids.ts";
import { together } from "../base/together.ts";
import type { Reader } from "../store/index.ts";
import { decideExpiry, looksSoon, silenceMs } from "./liveness.ts";
import type { Listener, OverRequest, OverSession, Renewal } from "./requests.ts";
import { findSession, sessionOf } from "./rows.ts";
import type { ProcessProbe, Session } from "./session.ts";
import * as sql from "./tables.ts";

/** Oldest first. */
export async function listSessions(
  reader: Reader,
  which: "living" | "all",
): Promise<readonly Session[]> {
  const statement = which === "living" ? sql.selectLiving : sql.selectAll;
  const rows = await reader.all<sql.SessionRow>(statement, [reader.project]);
  return rows.map((row) => sessionOf(row));
}

/** The living session that a person names, or null when none or several have the name. */
export async function findNamed(reader: Reader, nameOrId: string): Promise<Session | null> {
  if (isSessionId(nameOrId)) {
    const session = await findSession(reader, nameOrId);
    return session?.endedAtMs === null ? session : null;
  }
  const rows = await reader.all<sql.SessionRow>(sql.selectByName, [reader.project, nameOrId]);
  const [only] = rows;
  return only === undefined || rows.length > 1 ? null : sessionOf(only);
}

/** What holders are known by. Each is one look-up by key, so few ids cost little and many are no worse than a scan; all are asked at once. */
export async function readRenewals(
  reader: Reader,
  ids: readonly SessionId[],
): Promise<ReadonlyMap<SessionId, Renewal>> {
  const found = await together([...new Set(ids)].map(async (id) => findSession(reader, id)));
  return new Map(
    found.flatMap((session) => (session === null ? [] : [[session.id, renewalOf(session)]])),
  );
}

function renewalOf(session: Session): Renewal {
  return {
    name: session.name,
    ancestors: session.ancestors,
    renewedAtMs: session.renewedAtMs,
    callUntilMs: session.callUntilMs,
    parked: session.isParked,
    ended: session.endedAtMs !== null,
  };
}

export async function readListener(reader: Reader, id: SessionId): Promise<Listener | null> {
  const session = await findSession(reader, id);
  return session?.endedAtMs === null ? listenerOf(session, reader.nowMs) : null;
}

export async function readListeners(reader: Reader): Promise<readonly Listener[]> {
  const living = await listSessions(reader, "living");
  return living.map((session) => listenerOf(session, reader.nowMs));
}

function listenerOf(session: Session, nowMs: number): Listener {
  return {
    id: session.id,
    name: session.name,
    role: session.role,
    joinedAtMs: session.joinedAtMs,
    isBusy: looksSoon(session, nowMs),
  };
}

/** Living sessions that are over. Without a probe only the silent ones are read at all. */
export async function readOver(
  reader: Reader,
  { probe }: OverRequest,
): Promise<readonly OverSession[]> {
  if (probe === null) {
    const rows = await reader.all<sql.SessionRow>(sql.selectSilent, [
      reader.project,
      reader.nowMs - silenceMs,
      reader.nowMs,
    ]);
    return rows.map((row) => ({ session: sessionOf(row), why: "silence" }));
  }
  const living = await listSessions(reader, "living");
  return living.flatMap((session) => judge(session, reader.nowMs, probe));
}

function judge(session: Session, nowMs: number, probe: ProcessProbe): readonly OverSession[] {
  const why = decideExpiry(session, {
    nowMs,
    self: probe.self(),
    isAlive: session.process === null ? null : probe.isAlive(session.process),
  });
  return why === null ? [] : [{ session, why }];
}

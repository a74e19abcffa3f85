import { sessionActor } from "../base/ids.ts";
import type { SessionId } from "../base/ids.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Store, Transaction } from "../store/index.ts";
import { lineOrNull, nameOf, placeOf, roleOf, skillsOf } from "./joining.ts";
import { longestCallMs, renewalMs } from "./liveness.ts";
import type { RenewRequest } from "./requests.ts";
import { findSession, sessionChange } from "./rows.ts";
import type { ProcessStamp, Session } from "./session.ts";
import * as sql from "./tables.ts";
import { rankOf } from "./tier.ts";

/** Keeps sessions alive. */
export interface Renewing {
  renew(tx: Transaction, session: Session, request: RenewRequest): Promise<Session>;
  needsRenewal(reader: Reader, session: Session, request: RenewRequest): boolean;
  renewIfDue(store: Store, session: Session): Promise<void>;
  beginCall(tx: Transaction, session: SessionId): Promise<void>;
  endCall(tx: Transaction, session: SessionId): Promise<void>;
  park(tx: Transaction, session: SessionId): Promise<void>;
  unpark(tx: Transaction, session: SessionId): Promise<void>;
}

export function createRenewing(events: Events): Renewing {
  async function write(tx: Transaction, session: Session, request: RenewRequest): Promise<Session> {
    const wanted = withParticulars(session, request);
    const isShown = !isSameShown(session, wanted);
    const tier = wanted.role === session.role ? session.tier : await tierOf(tx, wanted);
    const renewed: Session = { ...wanted, tier, renewedAtMs: tx.nowMs };
    await writeRow(tx, renewed);
    if (isShown) {
      await events.append(tx, {
        kind: "session.updated",
        actor: sessionActor(session.id),
        cause: null,
        data: {},
        changes: [sessionChange(renewed)],
      });
    }
    return renewed;
  }

  const renew: Renewing["renew"] = (tx, session, request) =>
    needsRenewal(tx, session, request) ? write(tx, session, request) : Promise.resolve(session);

  return { renew, needsRenewal, renewIfDue, beginCall, endCall, park, unpark };
}

function needsRenewal({ nowMs }: Reader, session: Session, request: RenewRequest): boolean {
  return (
    session.renewedAtMs + (request.everyMs ?? renewalMs) <= nowMs ||
    (!isSilent(request) && !isAsSaid(session, withParticulars(session, request)))
  );
}

/** True for a request that says nothing of its session. */
function isSilent({ name, role, skills, process, gitDir, branch }: RenewRequest): boolean {
  const said = name ?? role ?? skills ?? process ?? gitDir ?? branch;
  return said === undefined || said === null;
}

function isAsSaid(session: Session, wanted: Session): boolean {
  return isSameShown(session, wanted) && isSameProcess(session.process, wanted.process);
}

function withParticulars(session: Session, request: RenewRequest): Session {
  return {
    ...session,
    name: nameOf(request.name) ?? session.name,
    role: roleOf(request.role) ?? session.role,
    skills:
      request.skills === undefined || request.skills === null
        ? session.skills
        : skillsOf(request.skills),
    process: request.process ?? session.process,
    gitDir: placeOf(request.gitDir) ?? session.gitDir,
    branch: lineOrNull(request.branch, 250) ?? session.branch,
  };
}

function isSameShown(one: Session, other: Session): boolean {
  return (
    one.name === other.name &&
    one.role === other.role &&
    one.gitDir === other.gitDir &&
    one.branch === other.branch &&
    one.skills.join("\n") === other.skills.join("\n")
  );
}

function isSameProcess(one: ProcessStamp | null, other: ProcessStamp | null): boolean {
  return (
    one === other ||
    (one !== null &&
      other !== null &&
      one.pid === other.pid &&
      one.startedAt === other.startedAt &&
      one.bootId === other.bootId &&
      one.namespace === other.namespace &&
      one.host === other.host)
  );
}

async function tierOf(tx: Transaction, session: Session): Promise<Session["tier"]> {
  const parent = session.parent === null ? null : await findSession(tx, session.parent);
  const isCut = session.parent !== null && parent === null;
  return isCut ? session.tier : rankOf(session.role, parent).tier;
}

async function writeRow(tx: Transaction, session: Session): Promise<void> {
  await tx.put(sql.updateRenewal, [
    session.name,
    session.role,
    session.tier,
    JSON.stringify(session.skills),
    session.process === null ? null : JSON.stringify(session.process),
    session.gitDir,
    session.branch,
    session.renewedAtMs,
    tx.project,
    sql.numberOf(session.id),
  ]);
}

async function renewIfDue(store: Store, session: Session): Promise<void> {
  const isDue = await store.read(async (reader) => session.renewedAtMs + renewalMs <= reader.nowMs);
  if (isDue) {
    await store.write(async (tx) =>
      tx.run(sql.updateRenewedAt, [tx.nowMs, tx.project, sql.numberOf(session.id), tx.nowMs]),
    );
  }
}

async function beginCall(tx: Transaction, session: SessionId): Promise<void> {
  const untilMs = tx.nowMs + longestCallMs;
  await tx.put(sql.updateCall, [untilMs, tx.nowMs, tx.project, sql.numberOf(session)]);
}

async function endCall(tx: Transaction, session: SessionId): Promise<void> {
  await tx.put(sql.updateCall, [null, tx.nowMs, tx.project, sql.numberOf(session)]);
}

async function park(tx: Transaction, session: SessionId): Promise<void> {
  await tx.put(sql.updateParked, [tx.project, sql.numberOf(session)]);
}

async function unpark(tx: Transaction, session: SessionId): Promise<void> {
  await tx.put(sql.updateUnparked, [tx.nowMs, tx.project, sql.numberOf(session)]);
}

import type { Random } from "../base/clock.ts";
import { SkeinError } from "../base/errors.ts";
import { randomToken, sessionActor } from "../base/ids.ts";
import type { SessionId } from "../base/ids.ts";
import { cleanLine, storable } from "../base/text.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { sessionErrors } from "./errors.ts";
import { authenticate, hashOf } from "./handles.ts";
import { freeName, friendlyName } from "./names.ts";
import type { Joined, JoinRequest } from "./requests.ts";
import { findByExternalId, findSession, maxExternalId, sessionChange } from "./rows.ts";
import type { Session } from "./session.ts";
import * as sql from "./tables.ts";
import { maxDepth, rankOf } from "./tier.ts";

export interface JoiningDeps {
  readonly events: Events;
  readonly random: Random;
  /** The most living sessions; null: no limit. */
  readonly mostSessions: number | null;
}

/** Makes sessions and the handles by which they are known. */
export interface Joining {
  join(tx: Transaction, request: JoinRequest): Promise<Joined>;
  mintHandle(tx: Transaction, session: Session): Promise<string>;
  authenticate(reader: Reader, handle: string): Promise<Session>;
}

/** How many handles a process remembers. */
const keptHandles = 1_000;

export function createJoining({ events, random, mostSessions }: JoiningDeps): Joining {
  const minted = new Map<SessionId, string>();

  /** A process mints one handle a session: a caller that never shows its handle costs one row, not one a call. */
  async function mintHandle(tx: Transaction, { id }: Session): Promise<string> {
    const known = minted.get(id);
    if (known !== undefined) {
      return known;
    }
    const handle = `${id}_${randomToken(random)}`;
    await tx.put(sql.insertHandle, [tx.project, hashOf(handle), sql.numberOf(id), tx.nowMs]);
    tx.afterCommit({}, () => {
      if (minted.size >= keptHandles) {
        minted.clear();
      }
      minted.set(id, handle);
    });
    return handle;
  }

  async function join(tx: Transaction, request: JoinRequest): Promise<Joined> {
    const externalId = request.externalId ?? null;
    const known = externalId === null ? null : await findByExternalId(tx, externalId);
    if (known !== null) {
      return { session: known, handle: await mintHandle(tx, known) };
    }
    await ensureRoom(tx, mostSessions);
    await events.ensureRoom(tx, "new");
    const session = await newSession(tx, request);
    await insert(tx, session);
    await events.append(tx, {
      kind: "session.joined",
      actor: sessionActor(session.id),
      cause: null,
      data: {},
      changes: [sessionChange(session)],
    });
    return { session, handle: await mintHandle(tx, session) };
  }

  return { join, mintHandle, authenticate };
}

/** The project has one writer at a time, so that what is counted is true until the session is there. @throws {SkeinError} SKN-7302. */
async function ensureRoom(tx: Transaction, most: number | null): Promise<void> {
  if (most === null) {
    return;
  }
  const row = await tx.get<{ readonly living: number }>(sql.countLiving, [tx.project, most]);
  if ((row?.living ?? 0) >= most) {
    throw new SkeinError(sessionErrors.tooManySessions, {
      message: `The project has ${String(most)} living sessions, which is its limit.`,
      facts: { most },
      retryAfterMs: 60_000,
    });
  }
}

async function newSession(tx: Transaction, request: JoinRequest): Promise<Session> {
  const last = await tx.get<Pick<sql.SessionRow, "number">>(sql.selectLastNumber, [tx.project]);
  const number = (last?.number ?? 0) + 1;
  const role = roleOf(request.role) ?? "worker";
  const { tier, depth, ancestors } = rankOf(role, await parentOf(tx, request.parent ?? null));
  return {
    id: `s${number}`,
    name: nameOf(request.name) ?? (await ownName(tx, friendlyName(number))),
    role,
    tier,
    depth,
    parent: ancestors[0] ?? null,
    ancestors,
    skills: skillsOf(request.skills ?? []),
    ...particularsOf(request),
    joinedAtMs: tx.nowMs,
    renewedAtMs: tx.nowMs,
    callUntilMs: null,
    isParked: false,
    endedAtMs: null,
    endReason: null,
  };
}

type Particulars = Pick<
  Session,
  "client" | "externalId" | "process" | "gitDir" | "branch" | "principal"
>;

/** What is known of whoever joins, and of where. */
function particularsOf(request: JoinRequest): Particulars {
  return {
    client: lineOrNull(request.client, 80),
    externalId: lineOrNull(request.externalId, maxExternalId),
    process: request.process ?? null,
    gitDir: placeOf(request.gitDir),
    branch: lineOrNull(request.branch, 250),
    principal: request.principal ?? null,
  };
}

async function parentOf(tx: Transaction, id: SessionId | null): Promise<Session | null> {
  if (id === null) {
    return null;
  }
  const parent = await findSession(tx, id);
  if (parent === null || parent.endedAtMs !== null) {
    throw new SkeinError(sessionErrors.noParent, {
      message: `No living session is called ${id}.`,
      facts: { parent: id },
    });
  }
  if (parent.depth >= maxDepth) {
    throw new SkeinError(sessionErrors.tooDeep, { facts: { parent: id, depth: parent.depth } });
  }
  return parent;
}

/** A name that no living session has, from one read of those that begin alike. */
async function ownName(tx: Transaction, first: string): Promise<string> {
  const params = [tx.project, first, `${first}.`];
  const rows = await tx.all<Pick<sql.SessionRow, "name">>(sql.selectNamesFrom, params);
  return freeName(first, new Set(rows.map(({ name }) => name)));
}

async function insert(tx: Transaction, session: Session): Promise<void> {
  await tx.put(sql.insertSession, [
    tx.project,
    sql.numberOf(session.id),
    session.name,
    session.role,
    session.tier,
    session.depth,
    JSON.stringify(session.ancestors),
    JSON.stringify(session.skills),
    session.client,
    session.externalId,
    session.process === null ? null : JSON.stringify(session.process),
    session.gitDir,
    session.branch,
    session.joinedAtMs,
    session.renewedAtMs,
    session.principal,
  ]);
}

/** A name as it is kept, or null when nothing of it is left. */
export function nameOf(text: string | null | undefined): string | null {
  return lineOrNull(text, 40);
}

/** A role as it is kept, in small letters, or null when nothing of it is left. */
export function roleOf(text: string | null | undefined): string | null {
  return lineOrNull(text, 40)?.toLowerCase() ?? null;
}

/** @throws {SkeinError} SKN-1302 when there are more than 32. */
export function skillsOf(texts: readonly string[]): readonly string[] {
  if (texts.length > 32) {
    throw new SkeinError(sessionErrors.badSkills, { facts: { skills: texts.length, limit: 32 } });
  }
  return [...new Set(texts.map((text) => cleanLine(text, 40)))].filter((text) => text !== "");
}

/** A folder as it is kept: its name is compared, and never shown to people as it is. */
export function placeOf(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : storable(text);
}

/** A text of one line, cut to its limit, or null when nothing of it is left. */
export function lineOrNull(text: string | null | undefined, maxChars: number): string | null {
  const line = cleanLine(text ?? "", maxChars);
  return line === "" ? null : line;
}

import type { Reader, Transaction } from "../store/index.ts";
import type { Session, Sessions } from "../sessions/index.ts";
import type { Caller, Standing } from "./request.ts";

/** Finds the living session that a caller names, or null. @throws {SkeinError} SKN-33xx when a handle names none. */
export async function findSession(
  sessions: Sessions,
  reader: Reader,
  caller: Caller,
): Promise<Session | null> {
  if (caller.handle !== null) {
    return sessions.authenticate(reader, caller.handle);
  }
  return caller.externalId === null ? null : sessions.byExternalId(reader, caller.externalId);
}

/** How far a written renewal may lag behind the last call: a quarter of the shortest lease there is. */
const renewalMs = 15_000;

/** Finds the caller's session and renews it, or makes one: part of the transaction of whatever it asked for. */
export async function identify(
  sessions: Sessions,
  tx: Transaction,
  caller: Caller,
): Promise<Standing> {
  const found = await findSession(sessions, tx, caller);
  if (found === null) {
    return join(sessions, tx, caller);
  }
  sessions.admit(found.id);
  const session = await sessions.renew(tx, found, {
    process: caller.process,
    gitDir: caller.gitDir,
    branch: caller.branch,
    skills: caller.skills,
    role: caller.role,
    name: caller.name,
    everyMs: renewalMs,
  });
  return { session, handle: await handleFor(sessions, tx, { caller, session }), joined: false };
}

async function handleFor(
  sessions: Sessions,
  tx: Transaction,
  { caller, session }: { readonly caller: Caller; readonly session: Session },
): Promise<string> {
  if (caller.handle !== null) {
    return caller.handle;
  }
  return caller.needsHandle === false ? "" : sessions.mintHandle(tx, session);
}

async function join(sessions: Sessions, tx: Transaction, caller: Caller): Promise<Standing> {
  const parent =
    caller.parentExternalId === null
      ? null
      : await sessions.byExternalId(tx, caller.parentExternalId);
  const { session, handle } = await sessions.join(tx, {
    name: caller.name,
    role: caller.role,
    skills: caller.skills ?? [],
    parent: parent?.id ?? null,
    client: caller.client,
    externalId: caller.externalId,
    process: caller.process,
    gitDir: caller.gitDir,
    branch: caller.branch,
  });
  return { session, handle, joined: true };
}

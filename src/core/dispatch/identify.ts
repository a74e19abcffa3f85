import { isAtLeast } from "../access/index.ts";
import { SkeinError } from "../base/errors.ts";
import { cleanLine } from "../base/text.ts";
import type { FirstQueries, Query, Reader, Store, Transaction } from "../store/index.ts";
import { externalIdQuery, handleQuery, sessionErrors } from "../sessions/index.ts";
import type { RenewRequest, Session, Sessions } from "../sessions/index.ts";
import type { Caller, Standing } from "./request.ts";

/**
 * Finds the living session that a caller names, or null.
 * @throws {SkeinError} SKN-3301 and SKN-3302 when a handle names none, SKN-3303 when it names a session of another principal.
 */
export async function findSession(
  sessions: Sessions,
  reader: Reader,
  caller: Caller,
): Promise<Session | null> {
  const found = await findNamed(sessions, reader, caller);
  if (found !== null) {
    ensureOwn(found, caller);
  }
  return found;
}

/** @throws {SkeinError} SKN-3303 for a session of another principal. */
export function ensureOwn(session: Session, caller: Caller): void {
  if (!isOwn(session, caller)) {
    throw new SkeinError(sessionErrors.foreign, { facts: { session: session.id } });
  }
}

function findNamed(sessions: Sessions, reader: Reader, caller: Caller): Promise<Session | null> {
  if (caller.handle !== null) {
    return sessions.authenticate(reader, caller.handle);
  }
  const externalId = externalIdOf(caller, caller.externalId);
  return externalId === null ? Promise.resolve(null) : sessions.byExternalId(reader, externalId);
}

/** What is asked first where a caller is looked for. */
function firstQueriesOf(project: string, caller: Caller): readonly Query[] {
  if (caller.handle !== null) {
    return [handleQuery(project, caller.handle)];
  }
  const externalId = externalIdOf(caller, caller.externalId);
  return externalId === null ? [] : [externalIdQuery(project, externalId)];
}

/** The same for a store that may ask it sooner; whoever is nobody is not looked for. */
export function firstOf(
  { store }: { readonly store: Pick<Store, "project"> },
  caller: Caller | undefined,
): FirstQueries {
  return () => (caller === undefined ? [] : firstQueriesOf(store.project, caller));
}

/** Who holds the secret of the server's own machine is as good as a process there: its sessions go on when the server is gone. */
function isOwn(session: Session, { principal }: Caller): boolean {
  return (
    principal === undefined ||
    principal === null ||
    session.principal === principal.id ||
    (principal.kind === "loopback" && session.principal === null)
  );
}

/** Hosts' ids are no secrets, and agents say them themselves: those of one principal are never those of another. */
function externalIdOf({ principal }: Caller, externalId: string | null): string | null {
  const isFar = principal !== undefined && principal !== null && principal.kind !== "loopback";
  return isFar && externalId !== null ? `${principal.id}/${externalId}` : externalId;
}

/** How far a written renewal may lag behind the last call: a quarter of the shortest lease there is. */
export const renewalMs = 15_000;

/** Rejects where a caller counts no more, or has given this process up. */
export async function ensureServed(tx: Transaction, caller: Caller): Promise<void> {
  if (caller.ensureAdmitted !== undefined) {
    await caller.ensureAdmitted(tx);
  }
  if (caller.ensureWanted !== undefined) {
    await caller.ensureWanted(tx.lockedAtMs);
  }
}

/** False for a caller of whom it is plain. */
function isInDoubt({ ensureAdmitted, ensureWanted }: Caller): boolean {
  return ensureAdmitted !== undefined || ensureWanted !== undefined;
}

/** Finds the caller's session and renews it, or makes one: part of the transaction of whatever it asked for. */
export async function identify(
  sessions: Sessions,
  tx: Transaction,
  caller: Caller,
): Promise<Standing> {
  if (isInDoubt(caller)) {
    await ensureServed(tx, caller);
  }
  const found = await findNamed(sessions, tx, caller);
  if (found === null) {
    return join(sessions, tx, caller);
  }
  ensureOwn(found, caller);
  if (caller.isCounted !== true) {
    sessions.admit(found.id);
  }
  const renewal = renewalOf(caller);
  const isDue = sessions.needsRenewal(tx, found, renewal);
  const session = isDue ? await sessions.renew(tx, found, renewal) : found;
  const handle = caller.handle ?? (await handleFor(sessions, tx, { caller, session }));
  return { session, handle, joined: false };
}

/** What a call says of its session. */
export function renewalOf(caller: Caller): RenewRequest {
  return {
    process: caller.process,
    gitDir: caller.gitDir,
    branch: caller.branch,
    skills: caller.skills,
    role: roleOf(caller),
    name: caller.name,
    everyMs: renewalMs,
  };
}

/** On one machine an agent is taken at its word that it leads; over a server it leads only when its principal may manage. */
function roleOf({ role, principal }: Caller): string | null {
  if (role === null || principal === undefined || principal === null) {
    return role;
  }
  const asksToLead = /^(?:lead|manager)$/iu.test(cleanLine(role, 40));
  return asksToLead && !isAtLeast(principal.role, "manager") ? "worker" : role;
}

async function handleFor(
  sessions: Sessions,
  tx: Transaction,
  { caller, session }: { readonly caller: Caller; readonly session: Session },
): Promise<string> {
  return caller.needsHandle === false ? "" : sessions.mintHandle(tx, session);
}

async function join(sessions: Sessions, tx: Transaction, caller: Caller): Promise<Standing> {
  const parentId = externalIdOf(caller, caller.parentExternalId);
  const parent = parentId === null ? null : await sessions.byExternalId(tx, parentId);
  const { session, handle } = await sessions.join(tx, {
    name: caller.name,
    role: roleOf(caller),
    skills: caller.skills ?? [],
    parent: parent?.id ?? null,
    client: caller.client,
    externalId: externalIdOf(caller, caller.externalId),
    process: caller.process,
    gitDir: caller.gitDir,
    branch: caller.branch,
    principal: caller.principal?.id ?? null,
  });
  return { session, handle, joined: true };
}

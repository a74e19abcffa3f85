import { SkeinError } from "../base/errors.ts";
import { together } from "../base/together.ts";
import type { EventOrigin } from "../events/index.ts";
import { countGlobs, mostGlobsOfTask } from "../leases/index.ts";
import type { Candidate } from "../plans/index.ts";
import type { OnceRequest, Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { lookForAll } from "./batch-look.ts";
import type { Askers, BatchLook, SessionLook } from "./batch-look.ts";
import { openTable } from "./batch-table.ts";
import type { Table } from "./batch-table.ts";
import { takeTasks } from "./batch-take.ts";
import type { BatchPick } from "./batch-take.ts";
import type { DispatchDeps } from "./deps.ts";
import { ensureOwn, ensureServed, renewalOf } from "./identify.ts";
import { callOf } from "./next.ts";
import { firstPage, pickFrom } from "./pick.ts";
import type { NextTaskOutcome, NextTaskRequest } from "./request.ts";
import { checkRoom } from "./room.ts";
import { createScopes } from "./scope.ts";
import type { Scopes } from "./scope.ts";

/** One who asks for any task by a handle, at the same time as others. */
export interface Asking {
  readonly request: NextTaskRequest;
  readonly handle: string;
  /** Who asked a server for it. */
  readonly origin: EventOrigin | null;
  /** Runs work in the surroundings in which it asked. */
  within<T>(this: void, work: () => T): T;
}

/** What became of one of them. */
export type BatchAnswer =
  | { readonly kind: "given"; readonly outcome: NextTaskOutcome }
  | { readonly kind: "refused"; readonly error: SkeinError }
  /** Something is not as usual: it has to ask by itself. */
  | { readonly kind: "alone" };

/** Those who are answered together. */
export interface Asked {
  readonly all: readonly Asking[];
  /** Those who were counted against their sessions' rates; it outlives a write that is tried again or fails. */
  readonly counted: Set<Asking>;
}

/** One whose session was found and renewed. */
interface Present {
  readonly asking: Asking;
  readonly session: Session;
  readonly call: OnceRequest;
  /** What was found of it, before it was renewed. */
  readonly seen: SessionLook;
}

/** The tasks that are looked at together name so many paths at most: all of them are compared with what is held while the project is locked. */
const mostFiles = 128;

/**
 * Gives tasks to several sessions that ask for any of one plan, or of all: what each would get one after the other, in their order, with about as many
 * statements as one needs. Whoever is not as usual is not served here: who holds a task, has mail, has a parent, repeats a call, finds nothing free, or is
 * the second of one session. The answers are good once the transaction is committed.
 */
export async function giveToAll(
  deps: DispatchDeps,
  tx: Transaction,
  asked: Asked,
): Promise<ReadonlyMap<Asking, BatchAnswer>> {
  const answers = new Map<Asking, BatchAnswer>();
  const look = await lookForAll(deps, tx, askersOf(asked.all));
  const present = await presentOf(deps, tx, { ...asked, answers, look });
  const usual = look.isPlain ? present.filter(isUsual) : [];
  const picks = usual.length > 0 ? await picksOf(deps, tx, { usual, ready: look.ready }) : [];
  for (const [asking, outcome] of await takeTasks(deps, tx, { picks, look })) {
    answers.set(asking, { kind: "given", outcome });
  }
  for (const { asking } of present) {
    if (!answers.has(asking)) {
      answers.set(asking, { kind: "alone" });
    }
  }
  return answers;
}

/** What is asked about those who are answered together. */
export function askersOf(all: readonly Asking[]): Askers {
  return { handles: all.map(({ handle }) => handle), plan: all[0]?.request.plan ?? null };
}

interface Finding extends Asked {
  readonly answers: Map<Asking, BatchAnswer>;
  readonly look: BatchLook;
}

/** Finds the session of each, counts the call and renews it, as `identify` does; answers the others. */
async function presentOf(
  deps: DispatchDeps,
  tx: Transaction,
  { all, counted, answers, look }: Finding,
): Promise<readonly Present[]> {
  const present = new Map<Session["id"], Present>();
  for (const [at, asking] of all.entries()) {
    const seen = look.each[at];
    const isAlone =
      seen === undefined ||
      seen instanceof SkeinError ||
      seen.session.ancestors.length > 0 ||
      present.has(seen.session.id);
    if (isAlone) {
      answers.set(asking, { kind: "alone" });
      continue;
    }
    try {
      const session = await admit(deps, tx, { asking, session: seen.session, counted });
      const call = callOf(session, asking.request);
      present.set(session.id, { asking, session, call, seen });
    } catch (error) {
      answers.set(asking, refusalBy(error));
    }
  }
  return [...present.values()];
}

/** @throws {SkeinError} SKN-3303, SKN-7301 and what the caller's own checks throw, before anything is written. */
async function admit(
  { sessions, events }: DispatchDeps,
  tx: Transaction,
  { asking, session, counted }: Pick<Present, "asking" | "session"> & Pick<Asked, "counted">,
): Promise<Session> {
  const { caller } = asking.request;
  await asking.within(() => ensureServed(tx, caller));
  ensureOwn(session, caller);
  if (!counted.has(asking)) {
    sessions.admit(session.id);
    counted.add(asking);
  }
  events.setOrigin(tx, asking.origin);
  return sessions.renew(tx, session, renewalOf(caller));
}

/** A failure of the store is one of all. */
function refusalBy(error: unknown): BatchAnswer {
  if (error instanceof SkeinError) {
    return { kind: "refused", error };
  }
  throw error;
}

/** One who comes with another role has the mail of that role, which was not looked at. */
function isUsual({ session, seen }: Present): boolean {
  return !seen.holdsTask && !seen.hasMail && session.role === seen.session.role;
}

interface Picking {
  readonly usual: readonly Present[];
  readonly ready: readonly Candidate[];
}

/** Picks for one after the other, each from what those before it left; none where it would take long. */
async function picksOf(
  deps: DispatchDeps,
  tx: Transaction,
  { usual, ready }: Picking,
): Promise<readonly BatchPick[]> {
  const scopes = createScopes(deps.paths);
  if (!isSmall(ready, scopes)) {
    return [];
  }
  checkRoom(deps.room());
  await deps.events.ensureRoom(tx, "new", usual.length - 1);
  // What was held too long ends for whoever comes first.
  deps.events.setOrigin(tx, usual[0]?.asking.origin ?? null);
  const [table, repeated] = await together([
    openTable(deps, tx, { ready, scopes, pickers: usual.length }),
    deps.sessions.repeatedOf(
      tx,
      usual.map(({ call }) => call),
    ),
  ]);
  const picks: BatchPick[] = [];
  for (const one of usual.filter(({ call }) => !repeated.has(call))) {
    deps.events.setOrigin(tx, one.asking.origin);
    const pick = await one.asking.within(() => pickAt(table, tx, one));
    if (pick !== null) {
      picks.push(pick);
    }
  }
  return picks;
}

/** Their globs count no more than those that one task may have, which whoever asks by itself is compared with in any case. */
function isSmall(ready: readonly Candidate[], scopes: Scopes): boolean {
  const files = ready.reduce((sum, task) => sum + task.files.length, 0);
  return (
    files <= mostFiles && countGlobs(ready.flatMap((task) => scopes.of(task))) <= mostGlobsOfTask
  );
}

async function pickAt(table: Table, tx: Transaction, one: Present): Promise<BatchPick | null> {
  const {
    session,
    seen: { hasTouched },
  } = one;
  for (const page of pagesFor(one, table.left())) {
    const pick = await pickFrom(table.deps, tx, {
      session,
      page,
      hasTouched,
      isServed: table.isServed,
      verdicts: table.verdictsFor(session.id),
    });
    if (pick !== null) {
      return { ...one, pick, ...table.take(session.id, pick) };
    }
  }
  return null;
}

/** Whoever has a choice has it among the equals of a page, as by itself; behind the last tasks there may be more of their score. */
function pagesFor(
  { session, seen }: Present,
  left: readonly Candidate[],
): readonly (readonly Candidate[])[] {
  if (!seen.hasTouched && session.skills.length === 0) {
    return [left];
  }
  const further = left.slice(firstPage);
  const last = further.at(-1)?.scoreTenths;
  return [left.slice(0, firstPage), further.filter(({ scoreTenths }) => scoreTenths !== last)];
}

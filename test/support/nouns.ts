import { approvalsMigration, createApprovals } from "../../src/core/approvals/index.ts";
import type { Approvals } from "../../src/core/approvals/index.ts";
import type { SessionId } from "../../src/core/base/ids.ts";
import {
  callsMigration,
  costsMigration,
  createCosts,
  outcomesMigration,
} from "../../src/core/costs/index.ts";
import type { Costs } from "../../src/core/costs/index.ts";
import { createEvents, eventsMigration } from "../../src/core/events/index.ts";
import type { Events } from "../../src/core/events/index.ts";
import { createMessages, messagesMigration } from "../../src/core/messages/index.ts";
import type { Messages, Recipient, SendRequest } from "../../src/core/messages/index.ts";
import {
  createSessions,
  sessionPrincipalsMigration,
  sessionsMigration,
} from "../../src/core/sessions/index.ts";
import type {
  JoinRequest,
  ProcessProbe,
  ProcessStamp,
  Session,
  Sessions,
} from "../../src/core/sessions/index.ts";
import type { Migration, Store } from "../../src/core/store/index.ts";
import type { OpenTestStore, TestStore } from "./stores.ts";
import { createSeededRandom } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

const place = (version: number): Migration => ({ version, name: "another module", statements: [] });

/** The steps of sessions, messages, costs and approvals, with empty ones in the places of the other modules. */
export const nounMigrations: readonly Migration[] = [
  eventsMigration,
  sessionsMigration,
  place(3),
  place(4),
  messagesMigration,
  costsMigration,
  approvalsMigration,
  place(8),
  place(9),
  callsMigration,
  ...[11, 12, 13, 14].map(place),
  sessionPrincipalsMigration,
  outcomesMigration,
];

/** The nouns that only know events, over one store. */
export interface Nouns {
  readonly store: Store;
  readonly time: VirtualTime;
  readonly events: Events;
  readonly sessions: Sessions;
  readonly messages: Messages;
  readonly costs: Costs;
  readonly approvals: Approvals;
}

export async function openNouns(open: OpenTestStore): Promise<Nouns> {
  return nounsOver(await open({ migrations: nounMigrations }));
}

/** Each opening is a process of its own, with random bytes of its own. */
let openings = 0;

export function nounsOver({ store, time }: TestStore): Nouns {
  const events = createEvents({
    doorbell: { ring: () => undefined, watch: () => () => undefined, close: () => undefined },
  });
  const clock = { nowMs: () => time.monotonicMs() };
  openings += 1;
  const sessions = createSessions({ events, random: createSeededRandom(openings), clock });
  return {
    store,
    time,
    events,
    sessions,
    messages: createMessages({ events, roster: sessions }),
    costs: createCosts({ events }),
    approvals: createApprovals({ events, parking: sessions }),
  };
}

/** Joins a session of a name. */
export async function joined(nouns: Nouns, request: JoinRequest = {}): Promise<Session> {
  return nouns.store.write(async (tx) => (await nouns.sessions.join(tx, request)).session);
}

export async function sessionNow({ store, sessions }: Nouns, id: SessionId): Promise<Session> {
  const session = await store.read(async (reader) => sessions.get(reader, id));
  if (session === null) {
    throw new Error(`There is no session ${id}.`);
  }
  return session;
}

/** A message to all by Skein itself, but for what is odd. */
export function aSend(odd: Partial<SendRequest> = {}): SendRequest {
  return {
    from: null,
    fromName: "skein",
    actor: "system",
    to: { kind: "all" },
    text: "hello",
    thread: null,
    expiresInMs: null,
    cause: null,
    ...odd,
  };
}

/** Reads and marks what waits for a session, as texts. */
export async function drained(
  nouns: Nouns,
  to: Recipient,
  limit = 100,
): Promise<readonly string[]> {
  const { store, messages } = nouns;
  const read = await store.write(async (tx) => messages.drain(tx, to, { limit }));
  return read.map(({ text }) => text);
}

export function aStamp(odd: Partial<ProcessStamp> = {}): ProcessStamp {
  return { host: "laptop", bootId: "boot-1", namespace: "", pid: 7, startedAt: "5", ...odd };
}

/** A probe that calls the given processes dead and knows the others to live. */
export function aProbe(dead: ReadonlySet<number> = new Set()): ProcessProbe {
  return {
    self: () => aStamp({ pid: 1 }),
    stampOf: (pid) => (dead.has(pid) ? null : aStamp({ pid })),
    isAlive: ({ pid }) => !dead.has(pid),
  };
}

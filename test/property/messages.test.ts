import { expect } from "vitest";

import type { Message } from "../../src/core/messages/index.ts";
import type { Session } from "../../src/core/sessions/index.ts";
import { aSend, joined, nounMigrations, nounsOver } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { proofRun } from "../support/proof.ts";
import type { ProofRun } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

/** Whole numbers below a limit, the same for the same seed. */
function createDice(seed: number): (below: number) => number {
  const random = createSeededRandom(seed);
  return (below) => {
    const [high = 0, low = 0] = random.bytes(2);
    return (high * 256 + low) % below;
  };
}

/** The channels that a session hears, as the sender named them. */
function hears(session: Session, { to, from }: Message): boolean {
  if (to.kind === "session") {
    return to.session === session.id;
  }
  return from !== session.id && (to.kind === "all" || to.role === session.role);
}

async function readSome(
  nouns: Nouns,
  session: Session,
  limit: number,
): Promise<readonly Message[]> {
  return nouns.store.write(async (tx) => nouns.messages.drain(tx, session, { limit }));
}

async function sendAndRead({ count, seed }: ProofRun, open: OpenTestStore): Promise<void> {
  const nouns = nounsOver(await open({ migrations: nounMigrations }));
  const dice = createDice(seed);
  const roles = ["reviewer", "worker", "lead"];
  const sessions: Session[] = [];
  for (let number = 0; number < 8; number += 1) {
    sessions.push(await joined(nouns, { role: roles[number % roles.length] ?? null }));
  }
  const any = (): Session => {
    const session = sessions[dice(sessions.length)];
    if (session === undefined) {
      throw new RangeError("the dice fell off the table");
    }
    return session;
  };
  const sent: Message[] = [];
  const read = new Map(sessions.map(({ id }) => [id, [] as Message[]]));

  while (sent.length < count) {
    const batch = Array.from({ length: 1 + dice(20) }, () => {
      const kind = dice(3);
      const role = roles[dice(roles.length)] ?? "worker";
      const to =
        kind === 0
          ? ({ kind: "session", session: any().id } as const)
          : kind === 1
            ? ({ kind: "role", role } as const)
            : ({ kind: "all" } as const);
      const from = dice(4) === 0 ? null : any().id;
      return aSend({ to, from, text: String(sent.length) });
    });
    sent.push(...(await nouns.store.write(async (tx) => nouns.messages.sendBatch(tx, batch))));
    const reader = any();
    read.get(reader.id)?.push(...(await readSome(nouns, reader, 1 + dice(30))));
    nouns.time.advance(dice(50));
  }
  for (const session of sessions) {
    read.get(session.id)?.push(...(await readSome(nouns, session, count * 2)));
  }

  for (const session of sessions) {
    const expected = sent.filter((message) => hears(session, message)).map(({ id }) => id);
    expect(read.get(session.id)?.map(({ id }) => id)).toEqual(expected);
  }
}

proveOnBothStores({
  sqlite: proofRun("R22", 10_000, 22),
  postgres: proofRun("R22_POSTGRES", 500, 22),
  title: ({ count, seed }) =>
    `R22: of ${String(count)} messages none is lost, doubled or out of order (seed ${String(seed)})`,
  prove: sendAndRead,
});

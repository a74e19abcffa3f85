import { beforeAll, describe, expect, test } from "vitest";

import { SkeinError } from "../../src/core/base/errors.ts";
import type { SessionId } from "../../src/core/base/ids.ts";
import type { Joined } from "../../src/core/sessions/index.ts";
import { aSend, nounMigrations, nounsOver } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { openMemoryStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

const count = 320;

/** Counts tries that were not refused with one of our own errors. */
async function successes(attempt: (number: number) => Promise<unknown>): Promise<number> {
  let succeeded = 0;
  for (let number = 0; number < count; number += 1) {
    const isRefused = await attempt(number).then(
      () => false,
      (error: unknown) => error instanceof SkeinError,
    );
    succeeded += isRefused ? 0 : 1;
  }
  return succeeded;
}

/** Makes a keyed call of a session; true when it was answered with an earlier result. */
async function isReplayed(nouns: Nouns, session: SessionId, key: string): Promise<boolean> {
  return nouns.store.write(async (tx) => {
    const request = { session, key, operation: "next_task", args: {} };
    return (await nouns.sessions.once(tx, request, async () => session)).isReplay;
  });
}

/** T18: what one agent tries against another. The victim is `s1`, the attacker `s2`. */
describe("one agent against another", () => {
  let nouns: Nouns;
  let victim: Joined;
  const random = createSeededRandom(18);

  beforeAll(async () => {
    nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
    victim = await nouns.store.write(async (tx) => nouns.sessions.join(tx, { name: "victim" }));
    await nouns.store.write(async (tx) => nouns.sessions.join(tx, { name: "attacker" }));
    await nouns.store.write(async (tx) =>
      nouns.approvals.ask(tx, {
        session: victim.session.id,
        plan: null,
        task: null,
        question: "Deploy?",
        options: ["yes", "no"],
        deadlineInMs: null,
      }),
    );
  });

  test("never guesses a handle by changing a part of it", async () => {
    const letters = "0123456789abcdefghjkmnpqrstvwxyz";

    const succeeded = await successes(async () => {
      const [place = 0, letter = 0] = random.bytes(2);
      const at = 3 + (place % 26);
      const { handle } = victim;
      const other = letters[(letters.indexOf(handle[at] ?? "0") + 1 + (letter % 31)) % 32] ?? "0";
      const guess = handle.slice(0, at) + other + handle.slice(at + 1);
      return nouns.store.read(async (reader) => nouns.sessions.authenticate(reader, guess));
    });

    expect(succeeded).toBe(0);
  });

  test("never passes for another by its public id, name or a crafted text", async () => {
    const texts = ["s1", "s1_", "victim", "", "' OR 1=1 --", "s1_%", "__proto__", "\u0000"];

    const succeeded = await successes(async (number) =>
      nouns.store.read(async (reader) =>
        nouns.sessions.authenticate(reader, texts[number % texts.length] ?? ""),
      ),
    );

    expect(succeeded).toBe(0);
  });

  test("never answers for a person, nor closes another's question", async () => {
    const succeeded = await successes(async (number) =>
      nouns.store.write(async (tx) => {
        const { approvals } = nouns;
        if (number % 3 === 0) {
          return approvals.answer(tx, "A1", { answer: "yes", by: "session:s2" });
        }
        return number % 3 === 1
          ? approvals.withdraw(tx, "A1", "session:s2")
          : approvals.extend(tx, "A1", "session:s2");
      }),
    );
    const open = await nouns.store.read(async (reader) => nouns.approvals.open(reader));

    expect(succeeded).toBe(0);
    expect(open.map(({ id, isExtended }) => [id, isExtended])).toEqual([["A1", false]]);
  });

  test("never sees another's results by repeating its idempotency keys", async () => {
    let replays = 0;
    for (let number = 0; number < 60; number += 1) {
      await isReplayed(nouns, "s1", `key-${String(number)}`);
      replays += (await isReplayed(nouns, "s2", `key-${String(number)}`)) ? 1 : 0;
    }

    expect(replays).toBe(0);
  });

  test("never hides what a person should see in a message or a name", async () => {
    const hidden = "\u202E\u200B\u{E0041}\u0007\u001B[2J";

    const { message } = await nouns.store.write(async (tx) =>
      nouns.messages.send(tx, aSend({ fromName: `gr${hidden}ace`, text: `go${hidden}!` })),
    );

    expect([message.fromName, message.text]).toEqual(["gr[2Jace", "go[2J!"]);
  });
});

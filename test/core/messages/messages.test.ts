import { beforeEach, describe, expect, test } from "vitest";

import { aSend, drained, joined, nounMigrations, nounsOver } from "../../support/nouns.ts";
import type { Nouns } from "../../support/nouns.ts";
import { openMemoryStore } from "../../support/stores.ts";

describe("createMessages, as time goes by", () => {
  let nouns: Nouns;

  beforeEach(async () => {
    nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
  });

  const send = async (odd: Parameters<typeof aSend>[0]): Promise<unknown> =>
    nouns.store.write(async (tx) => nouns.messages.send(tx, aSend(odd)));

  test("starts who joins late at its joining", async () => {
    await send({ text: "before" });
    nouns.time.advance(1);
    const late = await joined(nouns);
    await send({ text: "after" });

    expect(await drained(nouns, late)).toEqual(["after"]);
  });

  test("does not show a message from the very millisecond that it expires", async () => {
    const ada = await joined(nouns);
    const tim = await joined(nouns);
    await send({ text: "soon gone", expiresInMs: 1_000 });

    nouns.time.advance(999);
    expect(await drained(nouns, ada)).toEqual(["soon gone"]);
    nouns.time.advance(1);

    expect(await drained(nouns, tim)).toEqual([]);
  });

  test("tells the sender who looks soon and who must be woken", async () => {
    await joined(nouns, { name: "asleep" });
    nouns.time.advance(120_000);
    await joined(nouns, { name: "awake" });

    const reach = await nouns.store.write(async (tx) => nouns.messages.send(tx, aSend()));

    expect(reach).toMatchObject({ recipients: 2, atNextCall: 1, whenWoken: 1 });
  });

  test("removes what expired or is old, and never gives a number twice", async () => {
    await send({ text: "expires", expiresInMs: 1_000 });
    await send({ text: "old" });
    nouns.time.advance(60_000);
    const now = await nouns.store.read(async (reader) => reader.nowMs);
    await send({ text: "new", expiresInMs: 1_000 });
    nouns.time.advance(2_000);

    const gone = await nouns.store.write(async (tx) => nouns.messages.prune(tx, now));
    await send({ text: "next" });
    const left = await nouns.store.read(async (reader) => nouns.messages.list(reader));

    expect(gone).toBe(2);
    expect(left.map(({ id }) => id)).toEqual(["M3", "M4"]);
  });
});

import { beforeEach, describe, expect, test } from "vitest";

import {
  aProbe,
  aStamp,
  joined,
  nounMigrations,
  nounsOver,
  sessionNow,
} from "../../support/nouns.ts";
import type { Nouns } from "../../support/nouns.ts";
import { openMemoryStore } from "../../support/stores.ts";

const minute = 60_000;

describe("createSessions, as time goes by", () => {
  let nouns: Nouns;

  beforeEach(async () => {
    nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
  });

  const over = async (
    dead: ReadonlySet<number> | null,
  ): Promise<readonly (readonly string[])[]> => {
    const probe = dead === null ? null : aProbe(dead);
    const found = await nouns.store.read(async (reader) => nouns.sessions.over(reader, { probe }));
    return found.map(({ session, why }) => [session.name, why] as const);
  };

  test("writes a renewal down at most once a minute, and makes no event of it", async () => {
    const session = await joined(nouns, { name: "ada" });
    const start = session.renewedAtMs;

    nouns.time.advance(minute - 1);
    await nouns.store.write(async (tx) => nouns.sessions.renew(tx, session, {}));
    const early = await sessionNow(nouns, session.id);
    nouns.time.advance(1);
    await nouns.store.write(async (tx) => nouns.sessions.renew(tx, session, {}));
    const late = await sessionNow(nouns, session.id);
    const head = await nouns.store.read(async (reader) => nouns.events.head(reader));

    expect(early.renewedAtMs).toBe(start);
    expect(late.renewedAtMs).toBe(start + minute);
    expect(head.seq).toBe(1);
  });

  test("renews sooner for a shorter lease", async () => {
    const session = await joined(nouns);

    nouns.time.advance(15_000);
    await nouns.store.write(async (tx) => nouns.sessions.renew(tx, session, { everyMs: 15_000 }));

    expect((await sessionNow(nouns, session.id)).renewedAtMs).toBe(session.joinedAtMs + 15_000);
  });

  test("renews after a read-only call only when that is due", async () => {
    const session = await joined(nouns);

    nouns.time.advance(minute - 1);
    await nouns.sessions.renewIfDue(nouns.store, session);
    const early = await sessionNow(nouns, session.id);
    nouns.time.advance(1);
    await nouns.sessions.renewIfDue(nouns.store, session);

    expect(early.renewedAtMs).toBe(session.joinedAtMs);
    expect((await sessionNow(nouns, session.id)).renewedAtMs).toBe(session.joinedAtMs + minute);
  });

  test("finds the silent sessions over at the millisecond, with and without a probe", async () => {
    await joined(nouns, { name: "ada" });

    nouns.time.advance(30 * minute - 1);
    expect(await over(null)).toEqual([]);
    expect(await over(new Set())).toEqual([]);
    nouns.time.advance(1);

    expect(await over(null)).toEqual([["ada", "silence"]]);
    expect(await over(new Set())).toEqual([["ada", "silence"]]);
  });

  test("finds over at once whose process is gone or of an earlier boot", async () => {
    await joined(nouns, { name: "ada", process: aStamp({ pid: 7 }) });
    await joined(nouns, { name: "alan", process: aStamp({ pid: 8 }) });
    await joined(nouns, { name: "grace", process: aStamp({ pid: 9, bootId: "boot-0" }) });
    await joined(nouns, { name: "tim", process: null });

    expect(await over(new Set([7]))).toEqual([
      ["ada", "process"],
      ["grace", "boot"],
    ]);
  });

  test("does not end a session inside a call of two hours", async () => {
    const session = await joined(nouns, { name: "ada" });
    await nouns.store.write(async (tx) => nouns.sessions.beginCall(tx, session.id));

    nouns.time.advance(120 * minute - 1);
    expect(await over(null)).toEqual([]);
    nouns.time.advance(1);
    expect(await over(null)).toEqual([["ada", "silence"]]);

    await nouns.store.write(async (tx) => nouns.sessions.endCall(tx, session.id));
    expect(await over(null)).toEqual([]);
  });

  test("stops a session that calls too often and tells when to go on", async () => {
    const { id } = await joined(nouns);
    for (let call = 0; call < 100; call += 1) {
      nouns.sessions.admit(id);
    }

    expect(() => {
      nouns.sessions.admit(id);
    }).toThrow(expect.objectContaining({ code: "SKN-7301", retryAfterMs: 100 }));
    nouns.time.advance(100);
    expect(() => {
      nouns.sessions.admit(id);
    }).not.toThrow();
  });

  test("forgets sessions that ended long ago, with their handles, but never a number", async () => {
    const ada = await nouns.store.write(async (tx) => nouns.sessions.join(tx, { name: "ada" }));
    const end = { reason: "finished", actor: "system", cause: null } as const;
    await nouns.store.write(async (tx) => nouns.sessions.end(tx, ada.session.id, end));
    nouns.time.advance(minute);
    const last = await joined(nouns, { name: "tim" });
    await nouns.store.write(async (tx) => nouns.sessions.end(tx, last.id, end));
    nouns.time.advance(minute);

    const gone = await nouns.store.write(async (tx) => nouns.sessions.prune(tx, tx.nowMs));
    const next = await joined(nouns);

    expect(gone).toBe(1);
    expect(next.id).toBe("s3");
    await expect(
      nouns.store.read(async (reader) => nouns.sessions.authenticate(reader, ada.handle)),
    ).rejects.toMatchObject({ code: "SKN-3301" });
  });
});

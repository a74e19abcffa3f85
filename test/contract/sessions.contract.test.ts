import { expect, test } from "vitest";

import type { Json } from "../../src/core/base/json.ts";
import type { SessionId } from "../../src/core/base/ids.ts";
import { replay } from "../../src/core/events/index.ts";
import { keptKeys } from "../../src/core/sessions/once.ts";
import { aStamp, joined, openNouns, sessionNow } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";

eachStore("sessions", (open) => {
  test("knows a session by its handle, and stores only the handle's hash", async () => {
    const { store, sessions } = await openNouns(open);

    const { session, handle } = await store.write(async (tx) =>
      sessions.join(tx, { name: "ada", role: "Reviewer", skills: ["sql", "sql", "css"] }),
    );
    const known = await store.read(async (reader) => sessions.authenticate(reader, handle));
    const stored = await store.read(async (reader) =>
      reader.all<{ hash: string }>("SELECT hash FROM session_handles WHERE project = ?", [
        reader.project,
      ]),
    );

    expect(known).toEqual(session);
    expect(session).toMatchObject({ id: "s1", role: "reviewer", skills: ["sql", "css"] });
    expect(handle).toMatch(/^s1_[0-9a-hjkmnp-tv-z]{26}$/u);
    expect(JSON.stringify(stored)).not.toContain(handle.slice(3));
  });

  test("looks holders up together, so that many of them cost one way to a server", async () => {
    const nouns = await openNouns(open);
    const ids: SessionId[] = [];
    for (const name of ["ada", "bob", "eve", "ian"]) {
      ids.push((await joined(nouns, { name })).id);
    }
    let [running, most] = [0, 0];

    const renewals = await nouns.store.read(async (reader) => {
      const counting: typeof reader = {
        ...reader,
        get: async (sql, values) => {
          running += 1;
          most = Math.max(most, running);
          const row = await reader.get<never>(sql, values);
          running -= 1;
          return row;
        },
      };
      return nouns.sessions.renewals(counting, [...ids, ...ids, "s99"]);
    });

    expect([...renewals.values()].map(({ name }) => name)).toEqual(["ada", "bob", "eve", "ian"]);
    expect(most).toBe(5);
  });

  test("mints one handle a process, and none that was rolled back", async () => {
    const nouns = await openNouns(open);
    const { store, sessions } = nouns;
    const session = await joined(nouns, { externalId: "claude:1" });
    const { sessions: fresh } = await openNouns(open);
    let lost = "";

    await store
      .write(async (tx) => {
        lost = await fresh.mintHandle(tx, session);
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    const kept = await store.write(async (tx) => fresh.mintHandle(tx, session));
    const again = await store.write(async (tx) => fresh.mintHandle(tx, session));
    const rows = await store.read(async (reader) =>
      reader.all("SELECT hash FROM session_handles WHERE project = ?", [reader.project]),
    );

    expect(again).toBe(kept);
    expect(rows).toHaveLength(2);
    await expect(
      store.read(async (reader) => sessions.authenticate(reader, lost)),
    ).rejects.toMatchObject({ code: "SKN-3301" });
  });

  test("refuses an unknown handle, and one whose session has ended", async () => {
    const { store, sessions } = await openNouns(open);
    const { session, handle } = await store.write(async (tx) => sessions.join(tx, {}));
    const knows = async (text: string): Promise<SessionId> =>
      store.read(async (reader) => (await sessions.authenticate(reader, text)).id);

    await expect(knows(`${handle.slice(0, -1)}!`)).rejects.toMatchObject({ code: "SKN-3301" });
    await store.write(async (tx) =>
      sessions.end(tx, session.id, { reason: "by hand", actor: "person:eve", cause: null }),
    );

    await expect(knows(handle)).rejects.toMatchObject({
      code: "SKN-3302",
      facts: { session: "s1", reason: "by hand" },
    });
  });

  test("gives the same session to the same host id while it lives, and a new one afterwards", async () => {
    const { store, sessions } = await openNouns(open);
    const { sessions: ofAnotherProcess } = await openNouns(open);
    const join = async (by = sessions): ReturnType<typeof sessions.join> =>
      store.write(async (tx) => by.join(tx, { externalId: "claude:1" }));

    const first = await join();
    const again = await join(ofAnotherProcess);
    const both = await store.read(async (reader) => [
      (await sessions.authenticate(reader, first.handle)).id,
      (await sessions.authenticate(reader, again.handle)).id,
      (await sessions.byExternalId(reader, "claude:1"))?.id,
    ]);
    await store.write(async (tx) =>
      sessions.end(tx, first.session.id, { reason: "done", actor: "system", cause: null }),
    );
    const later = await join();

    expect(both).toEqual(["s1", "s1", "s1"]);
    expect(again.handle).not.toBe(first.handle);
    expect(later.session.id).toBe("s2");
  });

  test("names sessions by itself, each living one differently", async () => {
    const nouns = await openNouns(open);
    await joined(nouns, { name: "linus" });

    const names: string[] = [];
    for (let count = 0; count < 60; count += 1) {
      names.push((await joined(nouns)).name);
    }

    expect(new Set(names).size).toBe(60);
    expect(names[0]).toBe("linus-2");
    expect(names).toContain("linus-3");
  });

  test("cleans what a session says of itself", async () => {
    const nouns = await openNouns(open);

    const session = await joined(nouns, {
      name: `\u202E${"x".repeat(100)}\u0007`,
      role: "\u200B",
      branch: "a\nb",
    });

    expect(session.name).toBe("x".repeat(40));
    expect(session.role).toBe("worker");
    expect(session.branch).toBe("a b");
    await expect(
      joined(nouns, { skills: Array.from({ length: 33 }, String) }),
    ).rejects.toMatchObject({ code: "SKN-1302" });
  });

  test("takes new particulars with a renewal and puts what others see into the log", async () => {
    const nouns = await openNouns(open);
    const { store, sessions, events } = nouns;
    const session = await joined(nouns, { name: "ada", process: aStamp() });

    await store.write(async (tx) =>
      sessions.renew(tx, session, { role: "lead", branch: "feature/x", name: null }),
    );
    const moved = await sessionNow(nouns, session.id);
    await store.write(async (tx) => sessions.renew(tx, moved, { process: aStamp({ pid: 8 }) }));
    const now = await sessionNow(nouns, session.id);
    const log = await store.read(async (reader) => events.after(reader, 0, 10));

    expect(now).toMatchObject({ name: "ada", role: "lead", tier: "lead", branch: "feature/x" });
    expect(now.process?.pid).toBe(8);
    expect(log.map(({ kind }) => kind)).toEqual(["session.joined", "session.updated"]);
    expect(replay(log).get("session")?.get("s1")).toMatchObject({ branch: "feature/x" });
  });

  test("ends a session once", async () => {
    const { store, sessions, events } = await openNouns(open);
    const { session } = await store.write(async (tx) => sessions.join(tx, {}));
    const end = async (): Promise<boolean> =>
      store.write(
        async (tx) =>
          (await sessions.end(tx, session.id, {
            reason: "gone",
            actor: "system",
            cause: null,
          })) !== null,
      );

    expect([await end(), await end()]).toEqual([true, false]);
    expect(await store.read(async (reader) => (await events.head(reader)).seq)).toBe(2);
    expect(await store.read(async (reader) => sessions.list(reader, "living"))).toEqual([]);
    expect(await store.read(async (reader) => sessions.list(reader, "all"))).toHaveLength(1);
  });

  test("finds a living session by its id or its only name", async () => {
    const nouns = await openNouns(open);
    await joined(nouns, { name: "ada" });
    await joined(nouns, { name: "tim" });
    await joined(nouns, { name: "tim" });
    const find = async (text: string): Promise<string | undefined> =>
      nouns.store.read(async (reader) => (await nouns.sessions.find(reader, text))?.id);

    expect([await find("s2"), await find("ada"), await find("tim"), await find("s9")]).toEqual([
      "s2",
      "s1",
      undefined,
      undefined,
    ]);
  });

  test("tells leases what they need to know of holders", async () => {
    const nouns = await openNouns(open);
    const lead = await joined(nouns, { name: "ada" });
    const child = await joined(nouns, { name: "tim", parent: lead.id });
    await nouns.store.write(async (tx) => nouns.sessions.park(tx, child.id));

    const renewals = await nouns.store.read(async (reader) =>
      nouns.sessions.renewals(reader, [child.id, lead.id, child.id, "s77"]),
    );

    expect([...renewals.keys()]).toEqual(["s2", "s1"]);
    expect(renewals.get("s2")).toMatchObject({
      name: "tim",
      ancestors: ["s1"],
      parked: true,
      ended: false,
    });
  });
});

/** Runs keyed calls of one session and counts how often the work was done. */
async function aCounter(nouns: Nouns): Promise<{
  send(key: string | null, args: Json, operation?: string): Promise<string>;
  done(): number;
}> {
  const { id } = await joined(nouns);
  let done = 0;
  return {
    send: async (key, args, operation = "update_task") =>
      nouns.store.write(async (tx) => {
        const { result, isReplay } = await nouns.sessions.once(
          tx,
          { session: id, key, operation, args },
          async () => {
            done += 1;
            return { run: done };
          },
        );
        return `${JSON.stringify(result)}${isReplay ? " again" : ""}`;
      }),
    done: () => done,
  };
}

eachStore("sessions.once", (open) => {
  test("gives a repeated call the first result and does nothing", async () => {
    const counter = await aCounter(await openNouns(open));

    const answers = [
      await counter.send("k1", { a: 1, b: { c: 2, d: 3 } }),
      await counter.send("k1", { b: { d: 3, c: 2 }, a: 1 }),
    ];

    expect(answers).toEqual(['{"run":1}', '{"run":1} again']);
    expect(counter.done()).toBe(1);
  });

  test("refuses a key that was used with other arguments or for another operation", async () => {
    const counter = await aCounter(await openNouns(open));
    await counter.send("k1", { a: 1 });

    await expect(counter.send("k1", { a: 2 })).rejects.toMatchObject({ code: "SKN-4301" });
    await expect(counter.send("k1", { a: 1 }, "finish_task")).rejects.toMatchObject({
      code: "SKN-4301",
    });
    expect(counter.done()).toBe(1);
  });

  test("runs every call without a key", async () => {
    const counter = await aCounter(await openNouns(open));

    await counter.send(null, {});
    await counter.send(null, {});

    expect(counter.done()).toBe(2);
  });

  test("runs a call again that had nothing to do, under its key too", async () => {
    const nouns = await openNouns(open);
    const { id } = await joined(nouns);
    let run = 0;
    const ask = async () =>
      nouns.store.write(async (tx) =>
        nouns.sessions.once(
          tx,
          { session: id, key: "k1", operation: "next_task", args: {} },
          async () => {
            run += 1;
            return Promise.resolve(run === 1 ? null : { run });
          },
        ),
      );

    const answers = [await ask(), await ask(), await ask()];

    expect(answers).toEqual([
      { result: null, isReplay: false },
      { result: { run: 2 }, isReplay: false },
      { result: { run: 2 }, isReplay: true },
    ]);
  });

  test("keeps the last 64 keys of a session", async () => {
    const counter = await aCounter(await openNouns(open));
    for (let number = 0; number <= keptKeys; number += 1) {
      await counter.send(`k${String(number)}`, {});
    }

    expect(keptKeys).toBe(64);
    expect(await counter.send("k1", {})).toContain("again");
    expect(await counter.send("k0", {})).not.toContain("again");
  });

  test("refuses a key that is empty, too long or not printable", async () => {
    const counter = await aCounter(await openNouns(open));

    for (const key of ["", "x".repeat(129), "a\nb", "a\u202Eb"]) {
      await expect(counter.send(key, {})).rejects.toMatchObject({ code: "SKN-1303" });
    }
    expect(counter.done()).toBe(0);
  });
});

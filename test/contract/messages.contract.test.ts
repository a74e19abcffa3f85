import { expect, test } from "vitest";

import { replay } from "../../src/core/events/index.ts";
import { audienceText, parseAudience } from "../../src/core/messages/index.ts";
import { aSend, drained, joined, openNouns } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";

eachStore("messages", (open) => {
  test("gives each session what is for it, for its role and for all, in order and once", async () => {
    const nouns = await openNouns(open);
    const { store, messages } = nouns;
    const ada = await joined(nouns, { name: "ada", role: "reviewer" });
    const tim = await joined(nouns, { name: "tim" });
    await store.write(async (tx) => {
      await messages.send(tx, aSend({ text: "1 all" }));
      await messages.send(tx, aSend({ text: "2 ada", to: { kind: "session", session: ada.id } }));
      await messages.send(tx, aSend({ text: "3 role", to: { kind: "role", role: "Reviewer" } }));
      await messages.send(tx, aSend({ text: "4 tim", to: { kind: "session", session: tim.id } }));
    });

    expect(await drained(nouns, ada)).toEqual(["1 all", "2 ada", "3 role"]);
    expect(await drained(nouns, ada)).toEqual([]);
    expect(await drained(nouns, tim)).toEqual(["1 all", "4 tim"]);
  });

  test("keeps a broadcast in one row and from its sender", async () => {
    const nouns = await openNouns(open);
    const { store, messages } = nouns;
    const ada = await joined(nouns);
    await joined(nouns);
    await joined(nouns);

    const reach = await store.write(async (tx) => messages.send(tx, aSend({ from: ada.id })));
    const rows = await store.read(async (reader) => messages.list(reader));

    expect(reach).toMatchObject({ recipients: 2, atNextCall: 2, whenWoken: 0 });
    expect(rows).toHaveLength(1);
    expect(await drained(nouns, ada)).toEqual([]);
  });

  test("does not mark what is only looked at, nor what the limit leaves over", async () => {
    const nouns = await openNouns(open);
    const { store, messages } = nouns;
    const ada = await joined(nouns);
    await store.write(async (tx) =>
      messages.sendBatch(
        tx,
        ["a", "b", "c"].map((text) => aSend({ text })),
      ),
    );
    const unread = async (): Promise<number> =>
      store.read(async (reader) => messages.unread(reader, ada));

    const seen = await store.read(async (reader) => messages.peek(reader, ada, { limit: 2 }));
    const before = await unread();
    const first = await drained(nouns, ada, 2);

    expect(seen.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(before).toBe(3);
    expect(first).toEqual(["a", "b"]);
    expect(await unread()).toBe(1);
    expect(await drained(nouns, ada)).toEqual(["c"]);
  });

  test("leaves a message unread when the transaction that read it fails", async () => {
    const nouns = await openNouns(open);
    const { store, messages } = nouns;
    const ada = await joined(nouns);
    await store.write(async (tx) => messages.send(tx, aSend({ text: "still here" })));

    const failed = store.write(async (tx) => {
      await messages.drain(tx, ada);
      throw new Error("the answer was never sent");
    });

    await expect(failed).rejects.toThrow("never sent");
    expect(await drained(nouns, ada)).toEqual(["still here"]);
  });

  test("expires when its time is over", async () => {
    const { store, messages } = await openNouns(open);
    const sent = await store.write(async (tx) => {
      const { message } = await messages.send(tx, aSend({ expiresInMs: 5_000 }));
      return { message, nowMs: tx.nowMs };
    });

    expect(sent.message.expiresAtMs).toBe(sent.nowMs + 5_000);
  });

  test("refuses a recipient that is not there or has ended, and names who is", async () => {
    const nouns = await openNouns(open);
    const { store, sessions, messages } = nouns;
    const ada = await joined(nouns, { name: "ada" });
    await joined(nouns, { name: "tim" });
    await store.write(async (tx) =>
      sessions.end(tx, ada.id, { reason: "done", actor: "system", cause: null }),
    );

    for (const session of [ada.id, "s99"] as const) {
      await expect(
        store.write(async (tx) => messages.send(tx, aSend({ to: { kind: "session", session } }))),
      ).rejects.toMatchObject({
        code: "SKN-5601",
        facts: { living: ["s2"] },
        fix: expect.stringContaining("s2 (tim, worker)"),
      });
    }
    expect(await store.read(async (reader) => messages.list(reader))).toEqual([]);
  });

  test("keeps a thread together, whichever message is answered", async () => {
    const { store, messages } = await openNouns(open);
    const first = await store.write(async (tx) => messages.send(tx, aSend({ text: "a" })));
    await store.write(async (tx) => messages.send(tx, aSend({ text: "apart" })));
    const answer = await store.write(async (tx) =>
      messages.send(tx, aSend({ text: "b", thread: first.message.id })),
    );
    await store.write(async (tx) =>
      messages.send(tx, aSend({ text: "c", thread: answer.message.id })),
    );

    const thread = await store.read(async (reader) => messages.thread(reader, "M3"));

    expect(thread.map(({ text }) => text)).toEqual(["a", "b", "c"]);
    await expect(
      store.write(async (tx) => messages.send(tx, aSend({ thread: "M99" }))),
    ).rejects.toMatchObject({ code: "SKN-5603" });
  });

  test.each([
    ["nothing to see", { text: "\u200B\n " }, "SKN-1602"],
    ["too many bytes", { text: "\u00E9".repeat(2_049) }, "SKN-1601"],
    ["too many characters", { text: "x".repeat(100_000) }, "SKN-1601"],
    ["an empty role", { to: { kind: "role", role: " " } }, "SKN-1604"],
    ["no time to read it", { expiresInMs: 999 }, "SKN-1603"],
  ] as const)("refuses a message with %s", async (_, odd, code) => {
    const { store, messages } = await openNouns(open);

    await expect(store.write(async (tx) => messages.send(tx, aSend(odd)))).rejects.toMatchObject({
      code,
    });
  });

  test("puts messages into the log, a batch with one event for up to 200 of them", async () => {
    const { store, messages, events } = await openNouns(open);

    await store.write(async (tx) =>
      messages.sendBatch(
        tx,
        Array.from({ length: 450 }, (_, index) => aSend({ text: String(index) })),
      ),
    );
    const log = await store.read(async (reader) => events.after(reader, 0, 10));

    expect(log.map(({ data }) => data["count"])).toEqual([200, 200, 50]);
    expect(replay(log).get("message")?.get("M450")).toMatchObject({ text: "449", to: "all" });
  });

  test("puts what others sent, or sent for another reason, into an event of its own", async () => {
    const { store, messages, events } = await openNouns(open);
    const sent = [
      ["person:eve", null],
      ["person:eve", null],
      ["person:bob", null],
      ["person:bob", 1],
      ["person:eve", 1],
    ] as const;

    await store.write(async (tx) =>
      messages.sendBatch(
        tx,
        sent.map(([actor, cause]) => aSend({ actor, cause })),
      ),
    );
    const log = await store.read(async (reader) => events.after(reader, 0, 10));

    expect(log.map(({ actor, cause, data }) => [actor, cause, data["count"]])).toEqual([
      ["person:eve", null, 2],
      ["person:bob", null, 1],
      ["person:bob", 1, 1],
      ["person:eve", 1, 1],
    ]);
  });
});

test("an audience is written as people do and read back", () => {
  const texts = ["s3", "role:reviewer", "all"];

  const read = texts.map((text) => parseAudience(text));

  expect(read.map((to) => (to === null ? null : audienceText(to)))).toEqual(texts);
  expect(parseAudience("everyone")).toBeNull();
});

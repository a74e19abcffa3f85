import { expect, test } from "vitest";

import type { AskRequest } from "../../src/core/approvals/index.ts";
import { replay } from "../../src/core/events/index.ts";
import { joined, openNouns, sessionNow } from "../support/nouns.ts";
import type { Nouns } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";

async function asked(nouns: Nouns, odd: Partial<AskRequest> = {}): Promise<string> {
  const session = odd.session ?? (await joined(nouns)).id;
  return nouns.store.write(async (tx) => {
    const approval = await nouns.approvals.ask(tx, {
      session,
      plan: null,
      task: null,
      question: "Deploy?",
      options: ["yes", "no"],
      deadlineInMs: null,
      ...odd,
    });
    return approval.id;
  });
}

eachStore("approvals", (open) => {
  test("parks the session while a question is open, and frees it with the last answer", async () => {
    const nouns = await openNouns(open);
    const session = (await joined(nouns)).id;
    const parked = async (): Promise<boolean> => (await sessionNow(nouns, session)).isParked;
    const answer = async (id: string): Promise<unknown> =>
      nouns.store.write(async (tx) =>
        nouns.approvals.answer(tx, id, { answer: "yes", by: "person:eve" }),
      );

    const first = await asked(nouns, { session });
    const second = await asked(nouns, { session });
    const states = [await parked()];
    await answer(first);
    states.push(await parked());
    await answer(second);
    states.push(await parked());

    expect(states).toEqual([true, true, false]);
  });

  test("takes the first answer and tells a later one what it was", async () => {
    const nouns = await openNouns(open);
    const id = await asked(nouns);
    const answer = async (text: string, by: "person:eve" | "person:bob"): Promise<unknown> =>
      nouns.store.write(async (tx) => nouns.approvals.answer(tx, id, { answer: text, by }));

    const first = await answer("YES", "person:eve");
    const second = await answer("no", "person:bob");

    expect(first).toMatchObject({ kind: "answered", approval: { answer: "yes" } });
    expect(second).toMatchObject({
      kind: "over",
      approval: { state: "answered", answer: "yes", answeredBy: "person:eve" },
    });
  });

  test("lets no agent answer, not even its own question", async () => {
    const nouns = await openNouns(open);
    const id = await asked(nouns);

    for (const by of ["session:s1", "session:s2", "system"] as const) {
      await expect(
        nouns.store.write(async (tx) => nouns.approvals.answer(tx, id, { answer: "yes", by })),
      ).rejects.toMatchObject({ code: "SKN-8601" });
    }
    expect(await nouns.store.read(async (reader) => nouns.approvals.open(reader))).toHaveLength(1);
  });

  test("refuses an answer that is no option, and any empty one", async () => {
    const nouns = await openNouns(open);
    const choice = await asked(nouns);
    const free = await asked(nouns, { options: [] });
    const answer = async (id: string, text: string): Promise<unknown> =>
      nouns.store.write(async (tx) =>
        nouns.approvals.answer(tx, id, { answer: text, by: "person:eve" }),
      );

    await expect(answer(choice, "maybe")).rejects.toMatchObject({
      code: "SKN-1607",
      message: "The answer is none of: yes, no.",
    });
    await expect(answer(free, "\u200B")).rejects.toMatchObject({ code: "SKN-1607" });
    await expect(answer("A99", "yes")).rejects.toMatchObject({ code: "SKN-5604" });
    expect(await answer(free, "go on, but slowly")).toMatchObject({ kind: "answered" });
  });

  test.each([
    ["an empty question", { question: " " }, "SKN-1605"],
    ["a long question", { question: "x".repeat(4_097) }, "SKN-1605"],
    ["nine options", { options: Array.from({ length: 9 }, String) }, "SKN-1606"],
    ["an option twice", { options: ["Yes", "yes"] }, "SKN-1606"],
    ["a long option", { options: ["x".repeat(201)] }, "SKN-1606"],
    ["too short a deadline", { deadlineInMs: 299_999 }, "SKN-1608"],
    ["too long a deadline", { deadlineInMs: 604_800_001 }, "SKN-1608"],
    ["no deadline at all", { deadlineInMs: Number.NaN }, "SKN-1608"],
  ])("refuses %s and parks nobody", async (_, odd, code) => {
    const nouns = await openNouns(open);
    const session = (await joined(nouns)).id;

    await expect(asked(nouns, { session, ...odd })).rejects.toMatchObject({ code });
    expect((await sessionNow(nouns, session)).isParked).toBe(false);
  });

  test("allows a session eight open questions", async () => {
    const nouns = await openNouns(open);
    const session = (await joined(nouns)).id;
    for (let number = 0; number < 8; number += 1) {
      await asked(nouns, { session });
    }

    await expect(asked(nouns, { session })).rejects.toMatchObject({ code: "SKN-7601" });
  });

  test("takes questions back, one or all of a session", async () => {
    const nouns = await openNouns(open);
    const session = (await joined(nouns)).id;
    const first = await asked(nouns, { session });
    await asked(nouns, { session });
    const other = await asked(nouns);
    const { store, approvals } = nouns;

    const one = await store.write(async (tx) => approvals.withdraw(tx, first, "session:s1"));
    const again = await store.write(async (tx) => approvals.withdraw(tx, first, "session:s1"));
    const rest = await store.write(async (tx) =>
      approvals.withdrawAll(tx, session, { actor: "system", cause: null }),
    );

    expect([one, again, rest.length]).toEqual([true, false, 1]);
    const left = await store.read(async (reader) => approvals.open(reader));
    expect(left.map(({ id }) => id)).toEqual([other]);
    expect((await sessionNow(nouns, session)).isParked).toBe(false);
  });

  test("lets no session take back or put off the question of another", async () => {
    const nouns = await openNouns(open);
    const id = await asked(nouns);
    const { store, approvals } = nouns;

    await expect(
      store.write(async (tx) => approvals.withdraw(tx, id, "session:s2")),
    ).rejects.toMatchObject({ code: "SKN-3601" });
    await expect(
      store.write(async (tx) => approvals.extend(tx, id, "session:s2")),
    ).rejects.toMatchObject({ code: "SKN-3601" });
    expect(await store.write(async (tx) => approvals.withdraw(tx, id, "person:eve"))).toBe(true);
  });

  test("puts questions and answers into the log", async () => {
    const nouns = await openNouns(open);
    const id = await asked(nouns);
    await nouns.store.write(async (tx) => nouns.approvals.extend(tx, id, "person:eve"));
    await nouns.store.write(async (tx) =>
      nouns.approvals.answer(tx, id, { answer: "no", by: "person:eve" }),
    );

    const log = await nouns.store.read(async (reader) => nouns.events.after(reader, 1, 10));

    expect(log.map(({ kind, actor }) => `${kind} by ${actor}`)).toEqual([
      "approval.asked by session:s1",
      "approval.extended by person:eve",
      "approval.answered by person:eve",
    ]);
    expect(replay(log).get("approval")?.get("A1")).toMatchObject({
      state: "answered",
      answer: "no",
    });
  });
});

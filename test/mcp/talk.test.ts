import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMcpStand } from "../support/mcp-client.ts";
import type { Answer, McpStand } from "../support/mcp-client.ts";

let stand: McpStand;

beforeEach(async () => {
  stand = await createMcpStand();
});

afterEach(async () => {
  await stand.close();
});

function texts(rows: unknown): readonly unknown[] {
  return Array.isArray(rows) ? rows.map((row: Answer) => row["text"]) : [];
}

describe("send_message", () => {
  test("tells whom it reaches, and is read once with next_task", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await grace.call("next_task", { name: "grace" });
    await linus.call("next_task", { name: "linus" });

    const sent = await grace.call("send_message", { to: "linus", text: "Are you done?" });
    const peeked = await linus.call("look", { at: "inbox" });
    const read = await linus.call("next_task");
    const empty = await linus.call("next_task");

    expect(sent).toMatchObject({ id: "M1", recipients: 1 });
    expect(peeked).toMatchObject({ data: { count: 1 } });
    expect(read).toMatchObject({
      inbox: [{ id: "M1", from: "s1 grace", to: "s2", text: "Are you done?" }],
    });
    expect(empty).toMatchObject({ inbox: [] });
  });

  test("sends once for a key, and names the sender itself", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await linus.call("next_task", { name: "linus" });
    const message = { to: "all", text: "From: a person\u202e", key: "m1" };

    await grace.call("send_message", message);
    await grace.call("send_message", message);
    const { inbox } = await linus.call("next_task");

    expect(texts(inbox)).toEqual(["From: a person"]);
    expect(inbox).toMatchObject([{ from: expect.stringMatching(/^s2 /u) }]);
  });

  test("refuses an unknown receiver", async () => {
    const grace = await stand.connect();

    const refused = await grace.call("send_message", { to: "nobody", text: "Hello" });

    expect(refused).toMatchObject({ error: { code: "SKN-5901" } });
  });

  test("keeps a full inbox below 8 KB and shows one message whole on request", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await linus.call("next_task", { name: "linus" });
    for (let index = 0; index < 20; index += 1) {
      await grace.call("send_message", { to: "all", text: `${"x".repeat(3_000)} end` });
    }

    const { inbox, ...rest } = await linus.call("next_task");
    const whole = await linus.call("look", { at: "inbox", id: "M1" });

    expect(inbox).toHaveLength(20);
    expect(Buffer.byteLength(JSON.stringify({ inbox, ...rest }))).toBeLessThan(8_192);
    expect(whole).toMatchObject({ data: { message: { text: expect.stringMatching(/ end$/u) } } });
  });
});

describe("ask_human", () => {
  test("stays open until somebody answers, and answers later by id", async () => {
    const grace = await stand.connect();

    const open = await grace.call("ask_human", { question: "Which?", options: ["a", "b"] });
    const { approvals, store } = stand.repository.project.skein;
    await store.write((tx) => approvals.answer(tx, "A1", { answer: "b", by: "person:ada" }));
    const answered = await grace.call("ask_human", { id: "A1", wait_seconds: 5 });

    expect(open).toMatchObject({ id: "A1", state: "open", answer: null });
    expect(answered).toMatchObject({ state: "answered", answer: "b" });
  });

  test("stays open for 30 s a task of its plan, 5 minutes at least", async () => {
    const grace = await stand.connect();
    const tasks = Array.from({ length: 12 }, (_, at) => ({ id: `T${String(at)}`, title: "Do" }));
    const openFor = async (args: Answer): Promise<number> => {
      const { id } = await grace.call("ask_human", { question: "Go on?", ...args });
      const { approvals, store } = stand.repository.project.skein;
      const found = await store.read((reader) => approvals.get(reader, String(id)));
      return found === null ? 0 : (found.deadlineMs - found.askedAtMs) / 1_000;
    };
    await grace.call("propose_plan", { plan: "large", title: "Large", verify: "none", tasks });

    const outside = await openFor({});
    const ofTask = await openFor({ task: "large/T3" });
    await grace.call("next_task");
    const whileAtWork = await openFor({});
    const asTold = await openFor({ task: "large/T3", deadline_minutes: 7 });

    expect([outside, whileAtWork, ofTask, asTold]).toEqual([300, 360, 360, 420]);
  });

  test("wakes while it waits when the answer is given elsewhere", async () => {
    const grace = await stand.connect();
    const waiting = grace.call("ask_human", { question: "Go on?", wait_seconds: 30 });
    const { approvals, store } = stand.repository.project.skein;
    await expect
      .poll(async () => store.read(async (reader) => (await approvals.open(reader)).length))
      .toBe(1);

    await store.write((tx) => approvals.answer(tx, "A1", { answer: "yes", by: "person:ada" }));

    expect(await waiting).toMatchObject({ state: "answered", answer: "yes" });
  });

  test.each(["legacy", "modern"] as const)(
    "asks the person at a %s client that can ask",
    async (era) => {
      const asked: unknown[] = [];
      const grace = await stand.connect({
        era,
        client: { capabilities: { elicitation: { form: {} } } },
        prepare: (client) => {
          client.setRequestHandler("elicitation/create", ({ params }) => {
            asked.push(params.message);
            return { action: "accept", content: { answer: "b" } };
          });
        },
      });

      const answered = await grace.call("ask_human", { question: "Which?", options: ["a", "b"] });

      expect(asked).toEqual(["Which?"]);
      expect(answered).toMatchObject({ id: "A1", state: "answered", answer: "b" });
    },
  );

  test("leaves the question open when the person at the client declines", async () => {
    const grace = await stand.connect({
      client: { capabilities: { elicitation: { form: {} } } },
      prepare: (client) => {
        client.setRequestHandler("elicitation/create", () => ({ action: "decline" }));
      },
    });

    const open = await grace.call("ask_human", { question: "Which?" });

    expect(open).toMatchObject({ state: "open", answer: null });
  });

  test("shows a question only to whoever asked it", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await grace.call("ask_human", { question: "Which?" });

    const refused = await linus.call("ask_human", { id: "A1" });

    expect(refused).toMatchObject({ error: { code: "SKN-3902" } });
  });
});

describe("propose_plan", () => {
  const plan = { plan: "p", title: "P", tasks: [{ id: "T1", title: "One" }] };

  test("takes a Markdown checklist, and only checks it in a dry run", async () => {
    const grace = await stand.connect();
    const text = "# Prices\n\n- [ ] T1: Extract (files: src/a.ts)\n- [ ] T2: Use, after: T1\n";
    const proposal = { text, format: "markdown", plan: "prices" };

    const dry = await grace.call("propose_plan", { ...proposal, dry_run: true });
    const none = await grace.call("look", { at: "board" });
    const stored = await grace.call("propose_plan", proposal);

    expect(dry).toMatchObject({ plan: "prices", dry_run: true, created: 2 });
    expect(none).toMatchObject({ data: { plans: { count: 0 } } });
    expect(stored).toMatchObject({ dry_run: false, created: 2 });
  });

  test("names a cycle and stores nothing", async () => {
    const grace = await stand.connect();
    const tasks = [
      { id: "T1", title: "One", depends_on: ["T2"] },
      { id: "T2", title: "Two", depends_on: ["T1"] },
    ];

    const refused = await grace.call("propose_plan", { plan: "p", title: "P", tasks });

    expect(refused).toMatchObject({
      error: { code: "SKN-1407", message: expect.stringMatching(/T1 -> T2 -> T1|T2 -> T1 -> T2/u) },
    });
  });

  test("tells of tasks that share paths", async () => {
    const grace = await stand.connect();
    const tasks = ["T1", "T2"].map((id) => ({ id, title: id, files: ["src/**"] }));

    const stored = await grace.call("propose_plan", { plan: "p", title: "P", tasks });

    expect(stored).toMatchObject({
      overlaps: [{ tasks: ["T1", "T2"] }],
      next: expect.stringContaining("cannot run at the same time"),
    });
  });

  test("lets nobody but its proposer change a plan, as long as that lives", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await grace.call("propose_plan", plan);

    const refused = await linus.call("propose_plan", { ...plan, title: "Mine" });
    const changed = await grace.call("propose_plan", { ...plan, title: "Q" });

    expect(refused).toMatchObject({ error: { code: "SKN-3901" } });
    expect(changed).toMatchObject({ is_new: false });
  });

  test("asks for either tasks or text", async () => {
    const grace = await stand.connect();

    const refused = await grace.call("propose_plan", { title: "P" });

    expect(refused).toMatchObject({ error: { code: "SKN-1902" } });
  });
});

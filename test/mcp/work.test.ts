import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMcpStand } from "../support/mcp-client.ts";
import type { McpStand } from "../support/mcp-client.ts";

let stand: McpStand;

beforeEach(async () => {
  stand = await createMcpStand();
});

afterEach(async () => {
  await stand.close();
});

const twoTasks = {
  plan: "prices",
  title: "Rework the prices",
  verify: "none",
  tasks: [
    {
      id: "T1",
      title: "Extract the rules",
      spec: "Move them.",
      files: ["src/a.ts"],
      priority: "high",
    },
    { id: "T2", title: "Use the rules", files: ["src/b.ts"], depends_on: ["T1"] },
  ],
};

describe("work through a plan", () => {
  test("tells of a budget that a claim nearly uses up, with next_task and with finish_task", async () => {
    const agent = await stand.connect();
    const tasks = [
      { id: "T1", title: "One", files: ["a"], minutes: 45, priority: "high" },
      { id: "T2", title: "Two", files: ["b"], minutes: 45 },
    ];
    await agent.call("propose_plan", { ...twoTasks, budget_usd: 1, tasks });

    const first = await agent.call("next_task", { name: "grace" });
    const finished = await agent.call("finish_task", {
      task: "T1",
      fence: first["fence"],
      outcome: "submitted",
      summary: "Done.",
      claim_next: true,
    });

    const warning = "The budget of plan:prices is nearly used up: 0.90 of 1.00 USD";
    expect(first["next"]).toContain(warning);
    expect(finished).toMatchObject({
      next_task: { task: { id: "T2" }, next: expect.stringContaining(warning) },
    });
  });

  test("hands in HEAD where no commit is named, and not what its branch holds later", async () => {
    const { repository } = stand;
    const { root, project } = repository;
    const agent = await stand.connect();
    await agent.call("propose_plan", { ...twoTasks, verify: "merge" });
    const { fence } = await agent.call("next_task", { name: "grace" });
    repository.git(root, "commit", "--quiet", "--allow-empty", "-m", "The work");
    const head = repository.git(root, "rev-parse", "HEAD").trim();
    const finish = { task: "T1", fence, outcome: "submitted", summary: "Done.", key: "k1" };

    const finished = await agent.call("finish_task", finish);
    repository.git(root, "commit", "--quiet", "--allow-empty", "-m", "Half of the next task");
    const again = await agent.call("finish_task", finish);

    const { store, plans } = project.skein;
    const task = await store.read((reader) => plans.get(reader, { plan: "prices", id: "T1" }));
    expect(task).toMatchObject({ status: "submitted", commit: head });
    expect(finished["next"]).toContain(`HEAD (${head.slice(0, 12)}) was taken for its commit.`);
    expect(again).toMatchObject({ status: "submitted" });
  });

  test("takes the word HEAD for the worktree's own, and no other word for a commit", async () => {
    const { repository } = stand;
    const { root, project } = repository;
    const agent = await stand.connect();
    await agent.call("propose_plan", { ...twoTasks, verify: "merge" });
    const { fence } = await agent.call("next_task", { name: "grace" });
    const head = repository.git(root, "rev-parse", "HEAD").trim();
    const finish = { task: "T1", fence, outcome: "submitted", summary: "Done." };

    for (const commit of ["--upload-pack=x", "main", "HEAD~1", "@{-1}"]) {
      const refused = await agent.call("finish_task", { ...finish, commit });
      expect(refused, commit).toMatchObject({ error: { code: "SKN-1901", facts: { commit } } });
    }
    await agent.call("finish_task", { ...finish, commit: "HEAD" });

    const { store, plans } = project.skein;
    const task = await store.read((reader) => plans.get(reader, { plan: "prices", id: "T1" }));
    expect(task).toMatchObject({ status: "submitted", commit: head });
  });

  test("says of a plan that is not there that it is not, and of one pair that it is one", async () => {
    const agent = await stand.connect();
    const tasks = [
      { id: "T1", title: "One", files: ["a"] },
      { id: "T2", title: "Two", files: ["a"] },
    ];
    const proposed = await agent.call("propose_plan", { ...twoTasks, tasks });
    const mistyped = await agent.call("next_task", { plan: "price" });

    expect(proposed["next"]).toContain("1 pair of tasks shares paths and cannot run");
    expect(mistyped["next"]).toContain('There is no plan "price", or it has no task.');
  });

  test("goes from a proposal to a finished plan", async () => {
    const agent = await stand.connect();

    const proposed = await agent.call("propose_plan", twoTasks);
    const first = await agent.call("next_task", { name: "grace" });
    const finished = await agent.call("finish_task", {
      task: "T1",
      fence: first["fence"],
      outcome: "submitted",
      summary: "Moved.",
      claim_next: true,
    });
    const second = finished["next_task"];
    const board = await agent.call("look", { at: "board" });

    expect(proposed).toMatchObject({ plan: "prices", is_new: true, created: 2, overlaps: [] });
    expect(first).toMatchObject({
      session: expect.stringMatching(/^s\d+_[0-9a-z]{26}$/u),
      task: { id: "T1", plan: "prices", spec: "Move them.", files: ["src/a.ts"], attempt: 1 },
      leases: [{ paths: ["src/a.ts"], mode: "exclusive" }],
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u),
      inbox: [],
      waiting: null,
    });
    expect(finished).toMatchObject({ task: "prices/T1", status: "done", unblocked: ["T2"] });
    expect(second).toMatchObject({
      task: { id: "T2", results: [{ task: "T1", summary: "Moved." }] },
    });
    expect(board).toMatchObject({
      at: "board",
      data: { plans: { rows: [{ id: "prices", done: 1, claimed: 1 }] } },
    });
  });

  test("gives an unfinished claim again instead of another task", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", twoTasks);

    const first = await agent.call("next_task");
    const again = await agent.call("next_task");

    expect(again["fence"]).toBe(first["fence"]);
    expect(again["next"]).toMatch(/^You hold this claim already/u);
  });

  test("refuses a stale fence with a code and the way on", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", twoTasks);
    const { fence } = await agent.call("next_task");

    const refused = await agent.call("update_task", { task: "T1", fence: Number(fence) - 1 });

    expect(refused).toMatchObject({
      error: { code: "SKN-4401", message: expect.any(String), cause: expect.any(String) },
      next: expect.stringContaining("next_task"),
    });
  });

  test("says that the next step is somebody's who integrates, where all is handed in", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    const third = { id: "T3", title: "Count the prices", files: ["src/c.ts"] };
    const tasks = [...twoTasks.tasks, third];
    await grace.call("propose_plan", { ...twoTasks, verify: "merge", tasks });
    const done = { outcome: "submitted", summary: "Done." };
    const first = await grace.call("next_task");
    await grace.call("finish_task", { task: "T1", fence: first["fence"], ...done });
    const other = await linus.call("next_task");

    const meanwhile = await grace.call("next_task");
    await linus.call("finish_task", { task: "T3", fence: other["fence"], ...done });
    const idle = await grace.call("next_task");

    expect(meanwhile["next"]).toBe(
      "Nothing is free now: 1 submitted task waits to be integrated (see waiting.reasons). Call next_task with wait_seconds: 45, or look at the board.",
    );
    expect(idle["next"]).toBe(
      "Nothing is free now: 2 submitted tasks wait to be integrated (see waiting.reasons). No other task is in work: tell your person, or call next_task with wait_seconds: 45.",
    );
    expect(idle).toMatchObject({
      waiting: {
        reasons: [expect.stringContaining("prices/T1 and prices/T3 wait to be integrated")],
      },
    });
  });

  test("says that a person has to retry what failed for good, and not that nothing is left", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", twoTasks);
    const { fence } = await agent.call("next_task");
    const failed = { outcome: "failed", cause: "budget", summary: "Too dear." };
    await agent.call("finish_task", { task: "T1", fence, ...failed });

    const idle = await agent.call("next_task");

    expect(idle["next"]).toBe(
      "All tasks that may run have ended: 1 failed task waits for a person to retry (see waiting.reasons). Tell your person.",
    );
  });

  test("tells why nothing is free, and why one task waits", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await grace.call("propose_plan", twoTasks);
    await grace.call("next_task");

    const idle = await linus.call("next_task");
    const why = await linus.call("look", { at: "task", id: "T2" });

    expect(idle).toMatchObject({
      task: null,
      fence: null,
      waiting: { on_dependencies: 1, claimed: 1 },
    });
    expect(why).toMatchObject({
      data: { id: "T2", is_ready: false, why: [{ code: "dependency" }] },
    });
  });

  test("answers a repeated call with the same key as it did the first time", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", twoTasks);
    const { fence } = await agent.call("next_task");
    const call = { task: "T1", fence, outcome: "submitted", summary: "Moved.", key: "k1" };

    const once = await agent.call("finish_task", call);
    const twice = await agent.call("finish_task", call);
    const other = await agent.call("finish_task", { ...call, summary: "Other." });

    expect(twice).toMatchObject({ task: once["task"], status: once["status"] });
    expect(other).toMatchObject({ error: { code: "SKN-4301" } });
  });

  test("reports usage into the costs", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", twoTasks);
    const { fence } = await agent.call("next_task");

    await agent.call("update_task", { task: "T1", fence, usage: { model: "m", usd: 0.25 } });
    const costs = await agent.call("look", { at: "costs" });

    expect(costs).toMatchObject({
      data: { total_usd: 0.25, by_plan: { rows: [{ name: "prices", usd: 0.25 }] } },
    });
  });
});

describe("claim_files", () => {
  test("refuses as data: who holds it, for what, until when, and what to do", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await grace.call("claim_files", { name: "grace", paths: ["src/"], reason: "rename" });

    const refused = await linus.call("claim_files", { paths: ["docs/readme.md", "src/a.ts"] });
    const docs = await linus.call("look", { at: "files", id: "docs/readme.md" });

    expect(refused).toMatchObject({
      granted: false,
      leases: [],
      refused: [
        { path: "src/a.ts", holder: "s1 grace", reason: "rename", until: expect.any(String) },
      ],
      next: expect.stringContaining('send_message {to: "s1"}'),
    });
    expect(docs).toMatchObject({ data: { paths: [{ path: "docs/readme.md", state: "free" }] } });
  });

  test("takes absolute paths and paths relative to where the agent stands", async () => {
    const agent = await stand.connect({ cwd: `${stand.repository.root}/src` });

    const granted = await agent.call("claim_files", {
      paths: ["a.ts", `${stand.repository.root}/docs`],
    });

    expect(granted).toMatchObject({
      granted: true,
      leases: [{ paths: ["src/a.ts", "docs/"] }],
    });
  });

  test("refuses a path that leads out of the repository", async () => {
    const agent = await stand.connect();

    const refused = await agent.call("claim_files", { paths: ["../elsewhere.ts"] });

    expect(refused).toMatchObject({ error: { code: expect.stringMatching(/^SKN-(8951|1502)$/u) } });
  });

  test("gives leases back by path, and what is free can be claimed by others", async () => {
    const [grace, linus] = [await stand.connect(), await stand.connect()];
    await grace.call("claim_files", { paths: ["src/a.ts"] });

    const released = await grace.call("release_files", { paths: ["src/a.ts"] });
    const granted = await linus.call("claim_files", { paths: ["src/a.ts"] });

    expect(released).toMatchObject({ count: 1 });
    expect(granted).toMatchObject({ granted: true });
  });
});

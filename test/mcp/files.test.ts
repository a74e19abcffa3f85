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

const onePlan = { plan: "p", title: "P", tasks: [{ id: "T1", title: "One", files: ["src/a.ts"] }] };

describe("claim_files", () => {
  test.each([
    { name: "an empty path", path: "", code: "SKN-1501" },
    { name: "a path of a megabyte", path: "a".repeat(1_000_000), code: "SKN-1501" },
    { name: "a megabyte of folders", path: "a/".repeat(500_000), code: "SKN-1501" },
    { name: "a name that no disk holds", path: "a".repeat(300), code: "SKN-1509" },
  ])("refuses $name, and leases nothing", async ({ path, code }) => {
    const agent = await stand.connect();

    const refused = await agent.call("claim_files", { paths: ["src/b.ts", path] });
    const { data } = await agent.call("look", { at: "board" });

    expect(refused).toMatchObject({ error: { code } });
    expect(data).toMatchObject({ leases: 0 });
    expect(stand.log()).toBe("");
  });

  test("tells that a path waits for the integration of work that was handed in", async () => {
    const [ada, bob] = [await stand.connect(), await stand.connect()];
    await ada.call("propose_plan", onePlan);
    const { fence } = await ada.call("next_task");
    const outcome = { task: "T1", fence, outcome: "submitted", summary: "Done." };
    await ada.call("finish_task", outcome);

    const refused = await bob.call("claim_files", { paths: ["src/a.ts"] });

    expect(refused).toMatchObject({ granted: false, refused: [{ until: null }] });
    expect(refused["next"]).toMatch(
      /^That work is handed in; the path is free once it is integrated\. /u,
    );
  });

  test("tells whoever holds paths to give them back before it queues", async () => {
    const [ada, bob] = [await stand.connect(), await stand.connect()];
    await ada.call("claim_files", { paths: ["src/a.ts"] });
    await bob.call("claim_files", { paths: ["src/b.ts"] });

    const refused = await bob.call("claim_files", { paths: ["src/a.ts"], wait_seconds: 45 });

    expect(refused).toMatchObject({ granted: false, ahead: null });
    expect(refused["next"]).toContain("release_files first");
  });
});

describe("propose_plan with a key", () => {
  test("tells the first answer again, and refuses the key for another plan", async () => {
    const agent = await stand.connect();
    const first = await agent.call("propose_plan", { ...onePlan, key: "k1" });
    const again = await agent.call("propose_plan", { ...onePlan, key: "k1" });

    const other = await agent.call("propose_plan", { ...onePlan, plan: "q", key: "k1" });

    expect(first).toMatchObject({ is_new: true, created: 1 });
    expect(again).toEqual(first);
    expect(other).toMatchObject({ error: { code: "SKN-4301" } });
  });

  test("may do with a key what a dry run with it has looked at", async () => {
    const agent = await stand.connect();

    const looked = await agent.call("propose_plan", { ...onePlan, key: "k1", dry_run: true });
    const done = await agent.call("propose_plan", { ...onePlan, key: "k1" });

    expect(looked).toMatchObject({ dry_run: true, created: 1 });
    expect(done).toMatchObject({ dry_run: false, is_new: true, created: 1 });
  });
});

describe("finish_task", () => {
  test("tells a time to come back at that is not before the task may be given", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", onePlan);
    const { fence } = await agent.call("next_task");
    const failed = { task: "T1", fence, outcome: "failed", cause: "file_locked", summary: "Held." };

    const { retry_at: retryAt } = await agent.call("finish_task", failed);

    const { skein } = stand.repository.project;
    const { nextMs: startMs } = await skein.store.read((reader) =>
      skein.plans.delayed(reader, null),
    );
    expect(Date.parse(String(retryAt))).toBeGreaterThanOrEqual(startMs ?? Infinity);
  });

  test("tells no time that is to come of a task that may be given at once", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", onePlan);
    const { fence } = await agent.call("next_task");
    const failed = { task: "T1", fence, outcome: "failed", cause: "agent_error", summary: "Odd." };

    const { retry_at: retryAt } = await agent.call("finish_task", failed);

    const { skein } = stand.repository.project;
    const nowMs = await skein.store.read(async (reader) => reader.nowMs);
    expect(Date.parse(String(retryAt))).toBeLessThanOrEqual(nowMs);
  });
});

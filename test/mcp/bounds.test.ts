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

const wide = 'schöne "Grüße" 🎉 \\ ';

function longTask(id: string) {
  return {
    id,
    title: wide.repeat(20).slice(0, 190),
    spec: `${wide.repeat(1_000)}END`,
    files: Array.from({ length: 40 }, (_, index) => `${id}/${"d".repeat(150)}/${String(index)}.ts`),
    accept: Array.from({ length: 12 }, () => wide.repeat(20)),
  };
}

describe("the bounds of answers", () => {
  test("keep a task with everything long below 8 KB, and read the spec on to its end", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", { plan: "p", title: "P", tasks: [longTask("T1")] });
    await agent.call("send_message", { to: "all", text: wide.repeat(100) });

    const claimed = await agent.call("next_task");
    let spec = "";
    for (let pages = 0; pages < 40 && !spec.endsWith("END"); pages += 1) {
      const { data } = await agent.call("look", { at: "task", id: "T1", since: spec.length });
      const { spec: page = "" } = Object(data);
      spec += String(page).replace(/…$/u, "");
    }

    expect(claimed).toMatchObject({ task: { spec: expect.stringMatching(/^schöne.*…$/su) } });
    expect(spec).toBe(longTask("T1").spec);
  });

  test("keep a finish that claims the next task below 8 KB", async () => {
    const agent = await stand.connect();
    const tasks = [longTask("T1"), longTask("T2")];
    await agent.call("propose_plan", { plan: "p", title: "P", verify: "none", tasks });
    const { fence } = await agent.call("next_task");

    const finished = await agent.call("finish_task", {
      task: "T1",
      fence,
      outcome: "submitted",
      summary: wide.repeat(300),
      claim_next: true,
    });

    expect(finished).toMatchObject({ next_task: { task: { id: "T2" } } });
  });

  test("look no further than the log reaches", async () => {
    const agent = await stand.connect();
    await agent.call("propose_plan", { plan: "p", title: "P", tasks: [longTask("T1")] });
    const { cursor } = await agent.call("look", { at: "events" });
    const since = Number(cursor) + 1;

    for (const at of ["events", "board", "plan"]) {
      const { error } = await agent.call("look", { at, since });

      expect(error).toMatchObject({
        code: "SKN-5202",
        message: `The newest event is ${String(cursor)}; asked for those after ${String(since)}.`,
      });
    }
  });

  test("show 20 rows and the count of all", async () => {
    const agent = await stand.connect();
    const tasks = Array.from({ length: 50 }, (_, index) => ({
      id: `T${String(index)}`,
      title: wide.repeat(9),
    }));
    await agent.call("propose_plan", { plan: "p", title: "P", tasks });

    const { data } = await agent.call("look", { at: "plan" });
    const events = await agent.call("look", { at: "events", since: 0 });

    expect(data).toMatchObject({ id: "p", ready: 50, tasks: { count: 50 } });
    expect(Object(data).tasks.rows).toHaveLength(20);
    expect(events).toMatchObject({ data: { cursor: expect.any(Number) } });
  });

  test.each(["board", "files", "inbox", "costs", "sessions", "approvals", "events"])(
    "keep %s below 8 KB with many of everything",
    async (at) => {
      const agents = await Promise.all(Array.from({ length: 15 }, () => stand.connect()));
      for (const [index, agent] of agents.entries()) {
        const name = `${wide}${String(index)}`.repeat(3);
        await agent.call("claim_files", {
          name,
          paths: [`${"x".repeat(300)}/${String(index)}/`, `${"y".repeat(300)}/${String(index)}/`],
          reason: wide.repeat(20),
        });
        await agent.call("ask_human", {
          question: wide.repeat(100),
          options: Array.from({ length: 8 }, (_, option) => `${String(option)}${wide.repeat(5)}`),
        });
        await agent.call("send_message", { to: "all", text: wide.repeat(150) });
        const plan = `plan-${"z".repeat(40)}-${String(index)}`;
        await agent.call("propose_plan", {
          plan,
          title: wide.repeat(9),
          tasks: [{ id: "T1", title: wide.repeat(9) }],
        });
      }

      const seen = await agents[0]?.call("look", { at });

      expect(seen).toMatchObject({ at });
    },
  );
});

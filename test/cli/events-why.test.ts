import { afterAll, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { callerNamed } from "../support/coordinated-repository.ts";
import { finish, next } from "../support/coordination.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

afterAll(() => {
  removeRepositories();
});

/** A task whose session a person ended, which gave it back. */
async function aTaskGivenBack(): Promise<CommandLine> {
  const line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
  const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
  await skein.dispatch.nextTask(next(callerNamed("ada")));
  await skein.close();
  await line.skein("session revoke s1 --reason stuck --yes");
  return line;
}

interface Shown {
  readonly seq: number;
  readonly kind: string;
  readonly cause: number | null;
}

async function shown(line: CommandLine, words: string): Promise<readonly Shown[]> {
  const { events } = await line.json(words);
  return Array.isArray(events) ? events : [];
}

describe("skein events", () => {
  test("shows who acted in one column, whatever the kind", async () => {
    const line = aCommandLine({ "plan.yml": twoTasks });
    await line.skein("plan import plan.yml");

    const { out } = await line.skein("events");

    const rows = out.split("\n").filter((row) => row !== "");
    expect(rows.join("\n")).toContain("plan.tasks_imported");
    expect(new Set(rows.map((row) => row.indexOf("person:"))).size).toBe(1);
  });
});

describe("skein events --why", () => {
  test("goes from an event to the one that led to it, back to the first", async () => {
    const line = await aTaskGivenBack();
    const [lost] = await shown(line, "events --kind task.lost");

    const chain = await shown(line, `events --why ${String(lost?.seq)}`);
    const { out } = await line.skein(`events --why ${String(lost?.seq)}`);

    expect(chain.map(({ kind }) => kind)).toEqual(["task.lost", "session.ended"]);
    expect(chain.map(({ cause }) => cause)).toEqual([chain[1]?.seq, null]);
    expect(out.trim().split("\n")).toHaveLength(2);
  });

  test("tells which failure blocked a task and gave its paths back", async () => {
    const text =
      "plan: demo\ntasks:\n  - { id: A, title: Do, files: [a] }\n  - { id: B, title: Then, depends_on: [A] }\n";
    const line = aCommandLine({ "plan.yml": text });
    await line.skein("plan import plan.yml");
    const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
    const { claim } = await skein.dispatch.nextTask(next(callerNamed("ada")));
    const gave = { outcome: "failed", cause: "budget", summary: "No money" } as const;
    await skein.dispatch.finishTask(
      finish(callerNamed("ada"), { task: "A", fence: claim?.fence ?? 0 }, gave),
    );
    await skein.close();

    const led = async (kind: string): Promise<readonly string[]> => {
      const [event] = await shown(line, `events --kind ${kind}`);
      const chain = await shown(line, `events --why ${String(event?.seq)}`);
      return chain.map((each) => each.kind);
    };

    expect(await led("task.blocked")).toEqual(["task.blocked", "task.failed"]);
    expect(await led("lease.released")).toEqual(["lease.released", "task.failed"]);
  });

  test("shows an event alone that nothing led to", async () => {
    const line = await aTaskGivenBack();

    expect(await shown(line, "events --why 1")).toMatchObject([{ seq: 1, cause: null }]);
  });

  test("names the last event where there is none of that number", async () => {
    const line = await aTaskGivenBack();
    const { code, err } = await line.skein("events --why 9999");

    expect(code).toBe(6);
    expect(err).toContain("There is no event 9999: the last one is ");
  });
});

import { afterAll, expect, test } from "vitest";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";

afterAll(() => {
  removeRepositories();
});

test("a log that is cut off says how to go on, and one that is whole says nothing", async () => {
  const line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
  await line.skein("plan pause demo");

  const cut = await line.skein("events --limit 2");
  expect(cut.out.trim().split("\n")).toHaveLength(2);
  expect(cut.err).toContain("There is more: go on with `--since 2`.");

  const rest = await line.skein("events --since 2");
  expect(rest.out).not.toBe("");
  expect(rest.err).toBe("");
  expect((await line.skein("events --limit 2 --json")).err).toBe("");
});

test("a list of tasks that is cut off says so", async () => {
  const line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");

  expect((await line.skein("task list --limit 1")).err).toContain("There are more than 1:");
  expect((await line.skein("task list --limit 2")).err).toBe("");
  expect((await line.skein("task list --limit 1 --json")).err).toBe("");
});

/** A plan of so many tasks that all share their paths. */
function sharing(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, at) => `  - { id: T${String(at)}, title: Do, files: ["src/**"] }`,
  );
  return `plan: shared\ntasks:\n${rows.join("\n")}\n`;
}

test("tasks that share paths are named until the search ends early, which is said", async () => {
  const line = aCommandLine({ "few.yml": sharing(3), "many.yml": sharing(12) });
  const last = "Note: not all tasks were compared; more of them may share paths.\n";

  const few = await line.skein("plan import few.yml");
  const many = await line.skein("plan import many.yml");

  expect(few.out.match(/ share paths; /gu)).toHaveLength(3);
  expect(few.out).not.toContain(last);
  expect(many.out.match(/ share paths; /gu)).toHaveLength(20);
  expect(many.out).toContain(last);
});

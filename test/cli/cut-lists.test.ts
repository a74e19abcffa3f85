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

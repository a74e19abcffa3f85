import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCaller, finish, next } from "../support/coordination.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";

afterEach(removeRepositories);

/** The files that the page tells to delete beside the copy. */
function toDelete(): readonly string[] {
  const page = readFileSync("docs/operations.md", "utf8");
  const [told = ""] = /To restore: stop the server.+?`skein verify`/su.exec(page) ?? [];
  return [...told.matchAll(/`(skein\.db-[a-z]+)`/gu)].map(([, name = ""]) => name);
}

test("a backup is restored by the words of docs/operations.md, and what was claimed after it is refused", async () => {
  const line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
  await line.skein("maintain --backup copy.db");
  const project = await openProject({ cwd: line.repository.root, env: testEnv });
  const { claim } = await project.skein.dispatch.nextTask(next(aCaller("ada")));
  await project.skein.close();
  const folder = join(line.repository.root, ".git", "skein");

  copyFileSync(join(line.repository.root, "copy.db"), join(folder, "skein.db"));
  for (const name of toDelete()) {
    rmSync(join(folder, name), { force: true });
  }

  const verified = await line.skein("verify");
  expect(verified.code, verified.err).toBe(0);
  const restored = await openProject({ cwd: line.repository.root, env: testEnv });
  const late = finish(aCaller("ada"), { task: "demo/T1", fence: claim?.fence ?? 0 });
  await expect(restored.skein.dispatch.finishTask(late)).rejects.toMatchObject({
    code: "SKN-4401",
  });
  await restored.skein.close();
});

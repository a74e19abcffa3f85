import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { nobody } from "../../src/core/dispatch/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { inProject } from "./doctor-patient.ts";

afterAll(removeRepositories);

/** A repository with two tasks that do not wait for each other; the first is handed in as what `commit` names. */
async function handedIn(
  commits: readonly string[],
  files: Readonly<Record<string, string>> = {},
  verify = "merge",
): Promise<CommandLine> {
  const plan = twoTasks
    .replace("verify: none", `verify: ${verify}`)
    .replace("    depends_on: [T1]\n", "");
  const line = aCommandLine({ "plan.yml": plan, ...files });
  await line.skein("plan import plan.yml");
  line.repository.commitOn("docs", { "docs/a.md": "1\n" });
  line.repository.commitOn("src", { "src/a.ts": "1\n" });
  for (const commit of commits) {
    await handIn(line, commit);
  }
  return line;
}

async function handIn(line: CommandLine, commit: string): Promise<void> {
  await inProject(line, async ({ skein }) => {
    const caller = { ...nobody, externalId: "claude:ada" };
    const asked = { caller, plan: null, task: null, waitMs: 0, key: null, signal: null };
    const { claim } = await skein.dispatch.nextTask(asked);
    await skein.dispatch.finishTask({
      caller,
      task: claim?.task.id ?? "",
      fence: claim?.fence ?? 0,
      outcome: "submitted",
      summary: "done",
      cause: null,
      commit,
      usage: [],
      claimNext: false,
      key: null,
    });
  });
}

describe("skein integrate", () => {
  test.each(["gone", "HEAD~7", "0123456789012345678901234567890123456789", "-x"])(
    "skips work whose commit %s is not there, says what to do, and lands the rest",
    async (name) => {
      const line = await handedIn([name, "docs"]);

      const { code, out, err } = await line.skein("integrate");

      expect(err).toBe("");
      expect(code).toBe(5);
      expect(out).toContain(`demo/T1 is skipped: This repository does not have ${name}, `);
      expect(out).toContain("`skein task cancel demo/T1` and then `skein task retry demo/T1`");
      expect(out).toMatch(/demo\/T2 landed/u);
      const canceled = await line.skein("task cancel demo/T1 --yes");
      const retried = await line.skein("task retry demo/T1");
      expect([canceled.code, retried.code]).toEqual([0, 0]);
      expect((await line.skein("task show demo/T1")).out).toContain("pending");
    },
  );

  test("is what `task why` names for work that waits to land", async () => {
    const line = await handedIn(["src"]);
    writeFileSync(
      join(line.repository.root, "more.yml"),
      `plan: more\ntasks:\n  - { id: A, title: a, files: ["src/**"] }\n`,
    );
    await line.skein("plan import more.yml");

    const { out } = await line.skein("task why A");

    expect(out).toContain("until its work is integrated");
    expect(out).toContain("`skein integrate` lands it");
    await line.skein("integrate");
    expect((await line.skein("task why A")).out).not.toContain("skein integrate");
  });

  test("leaves work to be accepted that its plan wants a lead for, and the status asks a person", async () => {
    const line = await handedIn(["src"], {}, "lead");
    const before = await line.skein("status");

    await line.skein("integrate");
    const after = await line.skein("status");
    await line.skein("task verify demo/T1");
    const accepted = await line.skein("status");

    expect(before.out).not.toContain("Needs a person");
    expect(before.out).toContain(
      "1 submitted task waits to be integrated: `skein integrate` lands it",
    );
    expect(after.out).not.toContain("to be integrated");
    expect(after.out).toMatch(
      /Needs a person\n {2}demo\/T1 is integrated and to be accepted: .*\n {4}skein task verify demo\/T1\n/u,
    );
    expect(accepted.out).not.toContain("Needs a person");
  });

  test("runs the checks that the default branch names, whatever the worktree's file leaves out", async () => {
    const line = await handedIn(["src"], {
      "skein.yml":
        "checks: { never: { run: [sh, -c, exit 1] } }\nintegration: { checks: [never] }\n",
    });
    writeFileSync(join(line.repository.root, "skein.yml"), "integration: { checks: [] }\n");

    const { code, out } = await line.skein("integrate");

    expect(code).toBe(5);
    expect(out).toContain("fails the check never");
  });
});

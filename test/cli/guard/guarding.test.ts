import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runGuard } from "../../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../../src/compose.ts";
import { createGuarding } from "../../../src/core/guarding/index.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

/** What the hook says to a commit of an agent, by its exit code. */
async function codeOf(agent: string): Promise<number> {
  const cwd = repository.root;
  const env = { ...plainEnv, SKEIN_EXTERNAL_ID: agent };
  return runGuard(["pre-commit"], {
    cwd,
    env,
    isTerminal: false,
    readInput: () => "",
    warn: () => undefined,
    hasStore,
    open: () => openProject({ cwd, env }),
  });
}

test("a file that a tool writes may be committed, whoever holds it, once main says that a tool writes it", async () => {
  await repository.claim("claude:grace", ["pnpm-lock.yaml"]);
  repository.write("pnpm-lock.yaml", "lock\n");
  repository.git(repository.root, "add", "pnpm-lock.yaml");

  repository.write("skein.yml", 'generated: ["*-lock.yaml"]\n');
  const said = await codeOf("claude:ada");
  repository.git(repository.root, "add", "skein.yml");
  repository.git(repository.root, "commit", "--quiet", "-m", "Generated", "--", "skein.yml");

  expect([said, await codeOf("claude:ada")]).toEqual([1, 0]);
});

describe("createGuarding", () => {
  const plan = [
    "plan: shop",
    "title: Shop",
    "verify: none",
    "tasks:",
    "  - { id: T1, title: One }",
    "  - { id: T2, title: Two }",
  ].join("\n");

  test("takes whoever commits in a worktree for the agent that claimed there, where it is one", async () => {
    const gitDir = join(repository.root, ".git");
    const whoIs = async (): Promise<string | undefined> => {
      const subject = { handle: null, externalId: null, gitDir, branch: null, host: null };
      const guarding = createGuarding(repository.project.skein, { ...subject, isPerson: false });
      return (await guarding.who())?.id;
    };
    await repository.plan(plan);

    await repository.next("claude:ada", gitDir);
    const one = await whoIs();
    await repository.next("claude:grace", gitDir);

    expect([one, await whoIs()]).toEqual(["s1", undefined]);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasStore, openProject } from "../../../src/compose.ts";
import { runGuard } from "../../../src/cli/guard/guard.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  writeFileSync(join(repository.root, "skein.yml"), "leases: [\n");
  writeFileSync(join(repository.root, "message"), "Work\n");
});

afterEach(async () => {
  await repository.remove();
});

/** The hooks of one commit, as git calls them: the second only when the first lets it go on. */
async function commit(
  given: Readonly<Record<string, string>>,
): Promise<readonly { readonly hook: string; readonly exitCode: number; readonly text: string }[]> {
  const env = { ...plainEnv, ...given };
  const ran = [];
  for (const hook of ["pre-commit", "commit-msg message"]) {
    const lines: string[] = [];
    const exitCode = await runGuard(hook.split(" "), {
      cwd: repository.root,
      env,
      isTerminal: false,
      readInput: () => "",
      warn: (line) => lines.push(line),
      hasStore,
      open: () => openProject({ cwd: repository.root, env }),
    });
    ran.push({ hook, exitCode, text: lines.join("\n") });
    if (exitCode !== 0) {
      break;
    }
  }
  return ran;
}

describe("runGuard with settings that are wrong", () => {
  it("tells a person once a commit that nothing was checked", async () => {
    const ran = await commit({});

    expect(ran).toEqual([
      { hook: "pre-commit", exitCode: 0, text: expect.stringContaining("SKN-7961") },
      { hook: "commit-msg message", exitCode: 0, text: "" },
    ]);
  });

  it("stops an agent at the first hook", async () => {
    const ran = await commit({ SKEIN_EXTERNAL_ID: "claude:ada" });

    expect(ran).toEqual([
      { hook: "pre-commit", exitCode: 1, text: expect.stringContaining("SKN-7961") },
    ]);
  });
});

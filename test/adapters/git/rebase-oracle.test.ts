import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

import { createWorkspace } from "../../../src/adapters/git/index.ts";
import type { IntegrateResult } from "../../../src/core/integration/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

afterEach(removeRepositories);

/** A small generator whose every number follows from the seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % sides;
  };
}

type Roll = ReturnType<typeof dice>;

const names = ["a.ts", "b.ts", "dir/c.ts"];
const base = Array.from({ length: 12 }, (_, line) => `line ${String(line)}`);

/** Changes one line of one file, adds a file, or moves one. */
function edit(repo: TestRepository, branch: string, roll: Roll): string {
  const name = names[roll(names.length)] ?? "a.ts";
  const text = repo.git("show", `${branch}:${name}`).split("\n");
  const at = roll(text.length);
  const kind = roll(6);
  if (kind === 0) {
    return repo.commitOn(branch, { [`new-${String(roll(3))}.ts`]: `${branch} ${String(roll(9))}` });
  }
  if (kind === 1) {
    text.splice(at, 0, `${branch} adds ${String(roll(9))}`);
  } else {
    text[at] = `${branch} writes ${String(roll(9))}`;
  }
  return repo.commitOn(branch, { [name]: text.join("\n") });
}

/** What `git rebase` itself makes of the same work, in a worktree; null when it stops at a conflict. */
function rebaseWithGit(repo: TestRepository, commit: string): string | null {
  const place = join(repo.root, "..", "oracle");
  repo.git("branch", "-f", "oracle", commit);
  repo.git("worktree", "add", "-q", place, "oracle");
  try {
    repo.git("-C", place, "rebase", "-q", "trunk");
    return repo.git("rev-parse", "oracle^{tree}");
  } catch {
    return null;
  }
}

function treeOf(repo: TestRepository, result: IntegrateResult): string | null {
  return result.kind === "integrated" || result.kind === "already"
    ? repo.git("rev-parse", "trunk^{tree}")
    : null;
}

test.each(Array.from({ length: 8 }, (_, seed) => seed))(
  "a rebase in memory makes what git's own makes, and stops where it stops (seed %i)",
  async (seed) => {
    const roll = dice(seed);
    const repo = aRepository(Object.fromEntries(names.map((name) => [name, base.join("\n")])));
    repo.git("branch", "trunk");
    repo.git("branch", "work");
    edit(repo, "trunk", roll);
    edit(repo, "trunk", roll);
    edit(repo, "work", roll);
    const commit = edit(repo, "work", roll);
    const expected = rebaseWithGit(repo, commit);
    const workspace = createWorkspace({
      root: repo.root,
      env: testEnv,
      parseChecks: async () => new Map(),
    });

    const result = await workspace.integrate({
      commit,
      branch: "trunk",
      method: "rebase",
      checks: [],
      message: "land",
    });

    expect(treeOf(repo, result), result.kind).toBe(expected);
  },
);

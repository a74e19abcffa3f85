import fc from "fast-check";
import { afterEach, expect, test } from "vitest";

import { createGit, readChange } from "../../../src/adapters/git/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

afterEach(removeRepositories);

const paths = [
  "a.ts",
  "ä b.ts",
  'dir/"q".ts',
  "dir/tab\there.ts",
  "-x",
  "new\nline.ts",
  "b/c/d.bin",
];
const pieces = [
  "one",
  "",
  "  two",
  "\ttab",
  "-- a/x",
  "++ b/x",
  "@@ -1 +1 @@",
  "diff --git a/x b/x",
  "ende\r",
  "ü",
];

const content = fc
  .tuple(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), fc.constantFrom("\n", "", "\0"))
  .map(([lines, end]) => lines.join("\n") + end);
const tree = fc.dictionary(fc.constantFrom(...paths), content, { minKeys: 1 });

/** What git counts by itself, path by path; `-` for a binary file. */
function counted(repo: TestRepository, range: readonly string[]): readonly string[] {
  const fields = repo.git("diff", "--numstat", "-z", "--no-renames", ...range).split("\0");
  return fields.filter((field) => field !== "").toSorted();
}

test("reads from real diffs what git counts in them", async () => {
  const trees = fc.sample(tree, { seed: 20_261_120, numRuns: 12 });
  const repo = aRepository({ "keep.ts": "k\n" });
  const commits = trees.map((files, index) => repo.commitOn(`work${String(index)}`, files));
  const git = createGit({ cwd: repo.root, env: testEnv });

  for (const [index, head] of commits.entries()) {
    const base = commits[index - 1] ?? "main";
    const change = await readChange(git, { kind: "range", range: `${base}..${head}` });

    const lines = change.files
      .filter(({ kind }) => kind !== "renamed")
      .map(({ path, isBinary, hunks }) => {
        const count = (kind: string): string =>
          String(hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind === kind)).length);
        return `${isBinary ? "-\t-" : `${count("added")}\t${count("removed")}`}\t${path}`;
      });
    const all = counted(repo, [base, head]);
    const renamed = change.files.filter(({ kind }) => kind === "renamed").length;

    expect(all).toEqual(expect.arrayContaining(lines));
    expect(lines.length + 2 * renamed).toBe(all.length);
  }
});

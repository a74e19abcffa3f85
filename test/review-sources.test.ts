import { afterAll, describe, expect, test } from "vitest";

import { createGit } from "../src/adapters/git/index.ts";
import { pathsOf } from "../src/review-sources.ts";
import { aRepository, removeRepositories, testEnv } from "./adapters/git/repositories.ts";

afterAll(removeRepositories);

describe("pathsOf", () => {
  test("looks at the reviewed commit, whatever the worktree holds", async () => {
    const { root, ...repository } = aRepository({ "package.json": "{}" });
    const head = repository.commitOn("feature", { "web/über lock.json": "{}" });
    repository.write({ "package-lock.json": "{}" });
    const git = createGit({ cwd: root, env: testEnv });
    const ofCommit = await pathsOf(git, { base: null, head, files: [] }, root);
    const ofWorktree = await pathsOf(git, { base: null, head: null, files: [] }, root);
    const paths = ["package.json", "package-lock.json", "web/über lock.json", "web"];

    expect(paths.filter(ofCommit)).toEqual(["package.json", "web/über lock.json"]);
    expect(paths.filter(ofWorktree)).toEqual(["package.json", "package-lock.json"]);
  });
});

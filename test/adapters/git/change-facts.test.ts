import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createGit, readChangeFacts } from "../../../src/adapters/git/index.ts";
import type { ChangeFacts } from "../../../src/adapters/git/index.ts";
import type { Fact } from "../../../src/core/rules/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

afterAll(removeRepositories);

const twentyLines = Array.from({ length: 20 }, (_, index) => `line ${String(index)}\n`).join("");

function factsOf(repository: TestRepository, base = "main", head = "work"): Promise<ChangeFacts> {
  return readChangeFacts(createGit({ cwd: repository.root, env: testEnv }), { base, head });
}

function valueOf<T>(fact: Fact<T>): T {
  if (fact.kind !== "known") {
    throw new Error(fact.why);
  }
  return fact.value;
}

describe("readChangeFacts", () => {
  test("counts files, lines and both sides of renames from the merge base on", async () => {
    const repository = aRepository({
      "a.txt": twentyLines,
      "old name.txt": twentyLines,
      "gone.txt": "x\n",
      "pic.bin": "a\0b",
    });
    repository.commitOn("work", {
      "a.txt": `${twentyLines}more\n`,
      "new/ütf 8\tname.txt": `${twentyLines}x\n`,
      "old name.txt": null,
      "gone.txt": null,
      "pic.bin": "a\0c",
      "added.txt": "1\n2\n",
      ":odd": "y\n",
    });
    repository.commitOn("later", { "elsewhere.txt": "1\n" });
    const { files } = await factsOf(repository, "later");

    expect(valueOf(files).toSorted((one, other) => one.path.localeCompare(other.path))).toEqual(
      [
        {
          path: ":odd",
          oldPath: null,
          kind: "added",
          addedLines: 1,
          removedLines: 0,
          firstLine: 1,
        },
        {
          path: "a.txt",
          oldPath: null,
          kind: "modified",
          addedLines: 1,
          removedLines: 0,
          firstLine: 21,
        },
        {
          path: "added.txt",
          oldPath: null,
          kind: "added",
          addedLines: 2,
          removedLines: 0,
          firstLine: 1,
        },
        {
          path: "gone.txt",
          oldPath: null,
          kind: "deleted",
          addedLines: 0,
          removedLines: 1,
          firstLine: null,
        },
        {
          path: "new/ütf 8\tname.txt",
          oldPath: "old name.txt",
          kind: "renamed",
          addedLines: 1,
          removedLines: 0,
          firstLine: 21,
        },
        {
          path: "pic.bin",
          oldPath: null,
          kind: "modified",
          addedLines: null,
          removedLines: null,
          firstLine: null,
        },
      ].map((file) => ({ ...file, changesDependencies: false })),
    );
  });

  test("tells the first line of the head that the change touches, or that would be there", async () => {
    const repository = aRepository({
      "a.txt": twentyLines,
      "b.txt": twentyLines,
      "gone.txt": "x\n",
    });
    repository.commitOn("work", {
      "a.txt": twentyLines.replace("line 9\n", "nine\n").replace("line 15\n", ""),
      "b.txt": twentyLines.replace("line 4\n", ""),
      "gone.txt": null,
      "pic.bin": "a\0b",
    });
    const { files } = await factsOf(repository);

    const lines = valueOf(files).map(({ path, firstLine }) => [path, firstLine]);
    expect(Object.fromEntries(lines)).toEqual({
      "a.txt": 10,
      "b.txt": 5,
      "gone.txt": null,
      "pic.bin": null,
    });
  });

  test("counts lines of files that their own commit declares binary", async () => {
    const repository = aRepository({ "a.txt": "1\n" });
    repository.commitOn("work", {
      ".gitattributes": "* binary linguist-generated\n",
      "a.txt": "2\n3\n",
    });
    repository.git("switch", "-q", "work");
    const { files } = await factsOf(repository);

    expect(valueOf(files).find(({ path }) => path === "a.txt")).toMatchObject({
      addedLines: 2,
      removedLines: 1,
    });
  });

  test("tells of each commit its message and paths, of a merge what differs from both parents", async () => {
    const repository = aRepository({ "a.txt": twentyLines, "b.txt": "1\n", "c.txt": "1\n" });
    repository.git("switch", "-q", "-c", "work");
    repository.git("mv", "a.txt", "moved.txt");
    repository.git("commit", "-q", "-m", "Move it\n\nSkein-Task: p/T1\nSkein-Fence: 7");
    repository.commitOn("main", { "b.txt": "main\n" });
    repository.write({ "b.txt": "work\n" });
    repository.git("commit", "-q", "-am", "Work");
    expect(() => repository.git("merge", "-q", "main")).toThrow();
    repository.write({ "b.txt": "both\n" });
    repository.git("add", "b.txt");
    repository.git("commit", "-q", "-m", "Merge");
    const commits = valueOf((await factsOf(repository, "main~1")).commits);

    expect(
      commits.map(({ message, isMerge, paths }) => [
        message.trim().split("\n")[0],
        isMerge,
        [...paths].toSorted(),
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["Merge", true, ["b.txt"]],
        ["Work", false, ["b.txt"]],
        ["Move it", false, ["a.txt", "moved.txt"]],
      ]),
    );
    expect(commits.find(({ message }) => message.startsWith("Move"))?.message).toContain(
      "Skein-Task: p/T1\nSkein-Fence: 7",
    );
  });

  test("knows the lock files of the head, and whether dependencies change", async () => {
    const repository = aRepository({
      "package.json": '{\n  "dependencies": {\n  }\n}\n',
      "package-lock.json": "{}\n",
    });
    repository.commitOn("work", {
      "package.json": '{\n  "dependencies": {\n    "zod": "^4.0.0"\n  }\n}\n',
      "web/yarn.lock": "x\n",
    });
    const { files, lockFiles } = await factsOf(repository);

    expect(valueOf(lockFiles)).toEqual(["package-lock.json", "web/yarn.lock"]);
    expect(valueOf(files).find(({ path }) => path === "package.json")?.changesDependencies).toBe(
      true,
    );
  });

  test("sizes a change that is too large to be read line by line, and says that it was not read", async () => {
    const repository = aRepository({ "a.txt": "1\n" });
    const line = `${"x".repeat(1_000)}\n`;
    repository.commitOn("work", { "big.txt": line.repeat(40_000) });
    const { files, diff } = await factsOf(repository);

    expect(valueOf(files)).toMatchObject([{ path: "big.txt", addedLines: 40_000 }]);
    expect(diff.kind).toBe("failed");
  });

  test("runs nothing of the repository", async () => {
    const repository = aRepository({ "a.txt": "1\n" });
    const trap = join(repository.root, "trap.sh");
    repository.write({ "trap.sh": "#!/bin/sh\ntouch sprung\n" });
    chmodSync(trap, 0o755);
    repository.git("config", "diff.external", trap);
    repository.git("config", "diff.trap.textconv", trap);
    repository.write({ ".git/info/attributes": "*.txt diff=trap\n" });
    rmSync(join(repository.root, "a.txt"));
    repository.commitOn("work", { "a.txt": "2\n" });

    expect(valueOf((await factsOf(repository)).files)).toMatchObject([{ path: "a.txt" }]);
    expect(() => repository.git("ls-files", "--error-unmatch", "-o", "sprung")).toThrow();
  });

  test("names a commit that is not there", async () => {
    await expect(
      factsOf(aRepository({ "a.txt": "1\n" }), "main", "--output=x"),
    ).rejects.toMatchObject({
      code: "SKN-5952",
    });
  });
});

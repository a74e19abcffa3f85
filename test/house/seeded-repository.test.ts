import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { plainEnv } from "../support/coordinated-repository.ts";
import { copyRepository, seedRepository } from "../support/seeded-repository.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-seeded-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", env: { ...plainEnv } }).trim();
}

function placeOf(name: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  return place;
}

function fill(root: string): void {
  git(root, "init", "--quiet", "--initial-branch=main");
  for (const length of Array.from({ length: 9 }, (_, at) => at + 1)) {
    writeFileSync(join(root, "n".repeat(length)), `${String(length)}\n`);
  }
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/ü run"), "#!/bin/sh\n");
  chmodSync(join(root, "bin/ü run"), 0o755);
  symlinkSync("bin/ü run", join(root, "link"));
  git(root, "add", ".");
  git(root, "commit", "--quiet", "-m", "Begin");
}

test("a copy is a repository of its own, in which nothing has changed, whatever looks at it", () => {
  const [from, to] = [placeOf("from"), placeOf("to")];
  fill(from);

  copyRepository(from, to);

  // Neither of these reads a file whose times, size and number are those of the index.
  expect(git(to, "diff-files")).toBe("");
  expect(git(to, "diff-index", "HEAD")).toBe("");
  expect(git(to, "status", "--porcelain")).toBe("");
  expect(git(to, "fsck", "--strict")).toBe("");
  expect(git(to, "ls-files", "--stage")).toBe(git(from, "ls-files", "--stage"));
  expect(git(to, "rev-parse", "HEAD")).toBe(git(from, "rev-parse", "HEAD"));

  writeFileSync(join(to, "n"), "2\n");
  git(to, "commit", "--quiet", "-am", "On");

  expect(git(from, "status", "--porcelain")).toBe("");
  expect(git(from, "rev-list", "--count", "HEAD")).toBe("1");
});

test("is made once a kind", () => {
  let made = 0;
  const make = (name: string, kind: string): string => {
    const root = placeOf(name);
    seedRepository(root, kind, () => {
      made += 1;
      git(root, "init", "--quiet");
      writeFileSync(join(root, "kind"), kind);
    });
    return readFileSync(join(root, "kind"), "utf8");
  };

  const kinds = [make("a", "one kind"), make("b", "another"), make("c", "one kind")];

  expect(kinds).toEqual(["one kind", "another", "one kind"]);
  expect(made).toBe(2);
});

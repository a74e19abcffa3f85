import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { appendEdit } from "../../src/cli/demo/append-edit.ts";
import { aRepository, removeRepositories } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";

let repository: TestRepository;
let outside: string;

beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), "skein-outside-")));
  writeFileSync(join(outside, "notes.md"), "mine\n");
  repository = aRepository({ "docs/a.md": "a\n", "docs/b.md": "b\n" });
});

afterEach(() => {
  removeRepositories();
  rmSync(outside, { recursive: true, force: true });
});

function untouched(): boolean {
  return (
    readFileSync(join(outside, "notes.md"), "utf8") === "mine\n" &&
    readdirSync(outside).length === 1
  );
}

const plan = `plan: p
tasks:
  - { id: T1, title: One, files: ["links/**", docs/a.md] }
  - { id: T2, title: Two, files: [docs/b.md] }
`;

/** T2: a repository that somebody made for whoever tries Skein out in it. */
describe("`skein demo` in a repository that brings links", () => {
  test("writes to none of them, also where one bears the name of the checklist", () => {
    repository.write({ "links/own.txt": "x\n" });
    symlinkSync(join(outside, "notes.md"), join(repository.root, "links/a.md"));
    symlinkSync(join(outside, "notes.md"), join(repository.root, "PLAN.md"));
    repository.git("add", "--all");
    repository.git("commit", "--quiet", "-m", "Links");
    const file = join(repository.root, "..", "plan.yml");
    writeFileSync(file, plan);

    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    const words = ["demo", "--repo", repository.root, "--plan", file, "--agents", "1", "--json"];
    const { stdout } = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" });

    expect(JSON.parse(stdout)).toMatchObject({
      without: { tasks_done: 2 },
      with: { tasks_done: 2 },
    });
    expect(untouched()).toBe(true);
  });

  test.each(["link.md", "folder/new.md", "../elsewhere.md", "docs/../../x.md"])(
    "writes no edit of a plan to %s",
    (path) => {
      symlinkSync(join(outside, "notes.md"), join(repository.root, "link.md"));
      symlinkSync(outside, join(repository.root, "folder"));

      expect(() => {
        appendEdit(repository.root, { path, text: "x\n" });
      }).toThrow(expect.objectContaining({ code: "SKN-8951" }));
      expect(untouched()).toBe(true);
    },
  );
});

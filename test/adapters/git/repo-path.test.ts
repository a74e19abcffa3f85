import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { placeOf, toRepoPath } from "../../../src/adapters/git/index.ts";
import { aRepository, removeRepositories } from "./repositories.ts";

afterEach(removeRepositories);

const files = { "src/a.ts": "a", "lib/b.ts": "b" };

describe("toRepoPath", () => {
  test("reads a path relative to the folder where the caller stands", () => {
    const { root } = aRepository(files);
    const cwd = join(root, "src");

    expect(toRepoPath({ root, cwd }, "a.ts")).toEqual(["src/a.ts"]);
    expect(toRepoPath({ root, cwd }, "../lib/b.ts")).toEqual(["lib/b.ts"]);
    expect(toRepoPath({ root, cwd }, "new/deep/file.ts")).toEqual(["src/new/deep/file.ts"]);
    expect(toRepoPath({ root, cwd }, join(root, "lib/b.ts"))).toEqual(["lib/b.ts"]);
    expect(toRepoPath({ root, cwd: root }, ".")).toEqual([""]);
  });

  test("gives the link and its target when a link inside leads elsewhere inside", () => {
    const { root } = aRepository(files);
    symlinkSync("src", join(root, "alias"));
    symlinkSync("../lib/b.ts", join(root, "src/b-link.ts"));

    expect(toRepoPath({ root, cwd: root }, "alias/a.ts")).toEqual(["alias/a.ts", "src/a.ts"]);
    expect(toRepoPath({ root, cwd: root }, "alias/new.ts")).toEqual(["alias/new.ts", "src/new.ts"]);
    expect(toRepoPath({ root, cwd: root }, "src/b-link.ts")).toEqual(["src/b-link.ts", "lib/b.ts"]);
  });

  test("follows a dangling link, since a write would create its target", () => {
    const { root } = aRepository(files);
    symlinkSync("../lib/later.ts", join(root, "src/dangling.ts"));
    symlinkSync(`${root}-elsewhere/x.ts`, join(root, "src/out.ts"));

    expect(toRepoPath({ root, cwd: root }, "src/dangling.ts")).toEqual([
      "src/dangling.ts",
      "lib/later.ts",
    ]);
    expect(() => toRepoPath({ root, cwd: root }, "src/out.ts")).toThrow(/out of the repository/u);
  });

  test("refuses paths that leave the repository", () => {
    const { root } = aRepository(files);
    symlinkSync("/etc", join(root, "etc"));
    symlinkSync("loop", join(root, "loop"));

    for (const path of [
      "..",
      "../x",
      "/etc/passwd",
      "etc/passwd",
      "src/../../x",
      "a\0b",
      "loop/../../x",
    ]) {
      expect(() => toRepoPath({ root, cwd: root }, path), path).toThrow(
        expect.objectContaining({ code: "SKN-8951", kind: "unsafe" }),
      );
    }
  });

  test("climbs from a link's target, as the system does", () => {
    const { root } = aRepository(files);
    mkdirSync(join(root, "lib/deep"));
    symlinkSync("../lib/deep", join(root, "src/deep"));

    expect(toRepoPath({ root, cwd: root }, "src/deep/../b.ts")).toEqual(["src/b.ts", "lib/b.ts"]);
  });

  test("accepts the repository under another name, and a link from outside into it", () => {
    const { root } = aRepository(files);
    const link = `${root}-link`;
    symlinkSync(root, link);
    symlinkSync(join(root, "src"), `${root}-src`);

    expect(toRepoPath({ root, cwd: link }, join(link, "src/a.ts"))).toEqual(["src/a.ts"]);
    expect(toRepoPath({ root, cwd: root }, `${root}-src/a.ts`)).toEqual(["src/a.ts"]);
    expect(placeOf({ root, cwd: root }, `${root}-src/a.ts`)).toEqual({
      literal: null,
      resolved: "src/a.ts",
    });
  });

  test("composes letters with their accents", () => {
    const { root } = aRepository(files);

    expect(toRepoPath({ root, cwd: root }, "src/cafe\u0301.ts")).toEqual(["src/caf\u00e9.ts"]);
  });
});

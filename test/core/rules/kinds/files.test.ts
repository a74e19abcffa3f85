import { describe, expect, test } from "vitest";
import { changesDependencies } from "../../../../src/core/base/package-managers.ts";
import { failed, known } from "../../../../src/core/rules/index.ts";
import type { RuleChoice, SizedFile } from "../../../../src/core/rules/index.ts";
import { aFile } from "../../../support/rules.ts";
import { judged } from "./judge.ts";

function lines(path: string, addedLines: number | null): SizedFile {
  return aFile(path, { addedLines, removedLines: addedLines === null ? null : 0 });
}

describe("decideSize", () => {
  const choice: RuleChoice = { kind: "size", maxLines: 100, maxFiles: 3, except: ["docs/"] };

  test.each<readonly [string, readonly SizedFile[], string]>([
    ["just as many lines", [lines("a", 60), lines("b", 40)], "pass"],
    ["one line more", [lines("a", 60), lines("b", 41)], "fail"],
    ["removed lines too", [aFile("a", { addedLines: 60, removedLines: 41 })], "fail"],
    ["a file more", [lines("a", 1), lines("b", 1), lines("c", 1), lines("d", 1)], "fail"],
    ["lines that do not count", [lines("a", 60), lines("docs/x.md", 1_000)], "pass"],
    ["lines that a tool wrote", [lines("a", 60), lines("dist/x.js", 1_000)], "pass"],
    ["a binary file, which has no lines", [lines("a", 60), lines("b.png", null)], "pass"],
  ])("%s", (_what, files, result) => {
    expect(judged(choice, { files: known(files) }, ["dist/**"]).result).toBe(result);
  });

  test("names the largest files", () => {
    const files = known([lines("a", 30), lines("b", 80)]);

    expect(judged(choice, { files })).toMatchObject({
      reason: "110 lines in 2 files change, more than 100 lines.",
      details: ["b: 80 lines", "a: 30 lines"],
    });
  });
});

describe("decideSecrets", () => {
  const choice: RuleChoice = { kind: "secrets" };

  test("passes where none was seen, and fails naming place and kind where one was", () => {
    expect(judged(choice).result).toBe("pass");
    expect(
      judged(choice, { secrets: known([{ path: "src/a.ts", line: 7, kind: "github-token" }]) }),
    ).toMatchObject({ result: "fail", details: ["src/a.ts:7 (github-token)"] });
  });

  test("is never green when the search broke off", () => {
    expect(judged(choice, { secrets: failed("It broke off.") }).result).toBe("error");
  });
});

describe("decideLockfile", () => {
  const choice: RuleChoice = { kind: "lockfile" };
  const manifest = aFile("package.json", { changesDependencies: true });

  test.each<readonly [string, readonly SizedFile[], readonly string[], string]>([
    ["neither", [aFile("src/a.ts")], ["package-lock.json"], "pass"],
    ["both", [manifest, aFile("package-lock.json")], ["package-lock.json"], "pass"],
    ["dependencies alone", [manifest], ["package-lock.json"], "fail"],
    ["dependencies where there is no lock file", [manifest], [], "pass"],
    ["other lines of the manifest", [aFile("package.json")], ["package-lock.json"], "pass"],
    ["the lock file alone", [aFile("package-lock.json")], ["package-lock.json"], "fail"],
    [
      "a workspace's manifest with the lock file above",
      [aFile("web/package.json", { changesDependencies: true }), aFile("yarn.lock")],
      ["yarn.lock"],
      "pass",
    ],
    [
      "another ecosystem's lock file",
      [manifest, aFile("Cargo.lock")],
      ["package-lock.json", "Cargo.lock"],
      "fail",
    ],
    [
      "a new manifest without the lock file of its folder",
      [{ ...manifest, kind: "added" }],
      ["package-lock.json"],
      "fail",
    ],
    ["a deleted manifest", [{ ...manifest, kind: "deleted" }], ["package-lock.json"], "pass"],
  ])("%s", (...[, files, lockFiles, result]) => {
    expect(judged(choice, { files: known(files), lockFiles: known(lockFiles) }).result).toBe(
      result,
    );
  });
});

describe("changesDependencies", () => {
  test.each([
    ["package.json", '    "zod": "^4.0.0",', true],
    ["package.json", '  "version": "1.2.3",', false],
    ["package.json", '  "name": "shop",', false],
    ["web/package.json", '    "@a/b": "workspace:*"', false],
    ["Cargo.toml", 'serde = { version = "1" }', true],
    ["Cargo.toml", 'version = "1.0.0"', false],
    ["go.mod", "require example.com/a v1.2.3", true],
    ["pyproject.toml", '  "httpx>=0.27",', true],
    ["pyproject.toml", 'requires-python = ">=3.12"', false],
    ["README.md", '"zod": "^4.0.0"', false],
  ])("%s: %s is %s", (path, line, isOne) => {
    expect(changesDependencies(path, [line])).toBe(isOne);
  });
});

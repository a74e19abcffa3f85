import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createGit } from "../../../src/adapters/git/index.ts";
import { findSurroundings, gitHostOf } from "../../../src/cli/init/surroundings.ts";
import { aRepository, removeRepositories, testEnv } from "../../adapters/git/repositories.ts";
import { aCommandLine } from "../command-line.ts";

afterAll(removeRepositories);

describe("gitHostOf", () => {
  test.each([
    ["git@github.com:acme/shop.git", "github", "github.com"],
    ["https://user:s3cret@github.example.com:8443/acme/shop", "github", "github.example.com"],
    ["ssh://git@gitlab.com/acme/shop.git", "gitlab", "gitlab.com"],
    ["https://bitbucket.org/acme/shop", "bitbucket", "bitbucket.org"],
    ["https://acme@dev.azure.com/acme/shop/_git/shop", "azure", "dev.azure.com"],
    ["https://git.example.org/shop.git", "other", "git.example.org"],
  ])("reads %s", (remote, kind, host) => {
    expect(gitHostOf(remote)).toEqual({ kind, host });
  });

  test.each(["", "/srv/git/shop.git", "../shop", "file:///srv/shop"])(
    "takes %j for none",
    (remote) => {
      expect(gitHostOf(remote)).toBeNull();
    },
  );
});

describe("findSurroundings", () => {
  test.each([
    [{ "package.json": '{"scripts":{"test":"vitest"}}' }, "npm", "npm test"],
    [
      { "package.json": '{"scripts":{"test":"vitest"}}', "pnpm-lock.yaml": "" },
      "pnpm",
      "pnpm test",
    ],
    [{ "package.json": "{}", "yarn.lock": "" }, "yarn", null],
    [{ "package.json": "no JSON" }, "npm", null],
    [
      { "package.json": '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
      "npm",
      null,
    ],
    [{ "Cargo.toml": "" }, "cargo", "cargo test"],
    [{ "uv.lock": "" }, "uv", null],
    [{ "README.md": "hi" }, null, null],
  ])("tells the package manager of %j", async (files, packageManager, testCommand) => {
    const { root } = aRepository(Object.fromEntries(Object.entries(files)));

    const found = await findSurroundings(root, createGit({ cwd: root, env: testEnv }));

    expect(found).toEqual({ gitHost: null, packageManager, testCommand });
  });
});

test("reads no device for a package.json", async () => {
  const { root } = aRepository({ "README.md": "hi" });
  symlinkSync("/dev/zero", join(root, "package.json"));

  const found = await findSurroundings(root, createGit({ cwd: root, env: testEnv }));

  expect(found).toMatchObject({ packageManager: "npm", testCommand: null });
});

describe("skein init", () => {
  test("tells for what it sets up, and what is worth doing next", async () => {
    const line = aCommandLine({
      "package.json": '{"scripts":{"test":"vitest"}}',
      ".github/copilot-instructions.md": "Be kind.\n",
    });
    line.repository.git("remote", "add", "origin", "git@github.com:acme/shop.git");

    const dry = await line.skein("init --dry-run");
    const { err } = await line.skein("init --yes");
    const again = await line.skein("init --yes");

    expect(dry.err).toContain("For: GitHub (github.com); npm; ");
    expect(err).toContain("VS Code with Copilot");
    expect(err).toContain("`checks: { test: { run: npm test } }`");
    expect(err).toContain("docs/github.md");
    expect(again.err).not.toContain("docs/github.md");
  });
});

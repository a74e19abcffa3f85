import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { createWorkspace, toRepoPath } from "../../src/adapters/git/index.ts";
import type { Workspace } from "../../src/core/integration/index.ts";
import { SkeinError } from "../../src/core/index.ts";
import { aRepository, removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";

afterEach(removeRepositories);

function aWorkspace(repo: TestRepository, env: Readonly<Record<string, string>>): Workspace {
  return createWorkspace({
    root: repo.root,
    env,
    parseChecks: async () => new Map([["env", { argv: ["env"], timeoutMs: 60_000 }]]),
  });
}

/** Names that would do something if a shell, or git's option or revision parser, read them. */
function hostileNames(mark: string): readonly string[] {
  return [
    `--output=${mark}`,
    `--exec=touch ${mark}`,
    `--upload-pack=touch ${mark}`,
    `-c core.pager=touch ${mark}`,
    "-h",
    "--",
    "--all",
    "--help",
    `$(touch ${mark})`,
    `\`touch ${mark}\``,
    `main; touch ${mark}`,
    `main && touch ${mark}`,
    `main | tee ${mark}`,
    `main\ntouch ${mark}`,
    `main > ${mark}`,
    `ext::sh -c touch% ${mark}`,
    `main:skein.yml`,
    "main^{/first}",
    "main@{1}",
    "@{-1}",
    "^main",
    "main..main",
    ":/first",
    "main~1000",
    "refs/heads/../../../../etc/passwd",
    "../main",
    "ma\u0000in",
    "\u001b[31mmain",
    "a".repeat(5_000),
    " main",
    "",
  ];
}

/** What a call came to: refused with one of our codes, or answered with nothing. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return error instanceof SkeinError ? error.code : error;
  }
}

describe("names of commits and branches", () => {
  test("do nothing but fail, in every place that takes one", async () => {
    const repo = aRepository({ "a.ts": "a", "skein.yml": "x" });
    const mark = join(repo.root, "..", "marked");
    const workspace = aWorkspace(repo, testEnv);
    const rest = { method: "rebase", checks: [], message: "x" } as const;
    const before = repo.git("for-each-ref");
    const answers: unknown[] = [];

    for (const name of hostileNames(mark)) {
      answers.push(
        await outcomeOf(workspace.resolve(name)),
        await outcomeOf(workspace.isAncestor(name, "main")),
        await outcomeOf(workspace.isAncestor("main", name)),
        await outcomeOf(workspace.findSamePatch(name, "main")),
        await outcomeOf(workspace.changedPaths("main", name)),
        await outcomeOf(workspace.integrate({ ...rest, commit: name, branch: "main" })),
        await outcomeOf(workspace.integrate({ ...rest, commit: "main", branch: name })),
        await outcomeOf(workspace.runCheck("env", name)),
      );
    }

    expect(answers.length).toBeGreaterThan(200);
    expect(new Set(answers)).toEqual(new Set(["SKN-8952"]));
    expect(existsSync(mark)).toBe(false);
    expect(repo.git("for-each-ref")).toBe(before);
    expect(readdirSync(repo.root).toSorted()).toEqual([".git", "a.ts", "skein.yml"]);
  });
});

describe("paths", () => {
  test("lead nowhere outside of the repository", () => {
    const repo = aRepository({ "src/a.ts": "a" });
    symlinkSync("/", join(repo.root, "root"));
    symlinkSync("../..", join(repo.root, "src/up"));
    symlinkSync("chain2", join(repo.root, "chain1"));
    symlinkSync("/etc/hostname", join(repo.root, "chain2"));
    symlinkSync("/nonexistent/file", join(repo.root, "dangling"));
    const climbs = Array.from({ length: 20 }, (_, index) => `${"../".repeat(index + 1)}etc/passwd`);
    const inner = climbs.map((path) => `src/../${path}`);
    const linked = [
      "root/etc/passwd",
      "src/up/x",
      "chain1",
      "chain2",
      "dangling",
      "root/proc/self",
    ];
    const absolute = ["/", "//", "/etc/passwd", "/proc/self/environ", `${repo.root}x`, "/dev/null"];
    const odd = ["a\0b", "src/../../x", "./../x", "src/./../../x", "root/../x", "src/up/../y"];
    const paths = [...climbs, ...inner, ...linked, ...absolute, ...odd];

    for (const cwd of [repo.root, join(repo.root, "src")]) {
      for (const path of paths) {
        expect(() =>
          toRepoPath({ root: repo.root, cwd }, escapeFrom(path, cwd, repo.root)),
        ).toThrow(expect.objectContaining({ code: "SKN-8951" }));
      }
    }
  });
});

/** The same path as seen from a folder below. */
function escapeFrom(path: string, cwd: string, root: string): string {
  return cwd === root || path.startsWith("/") ? path : `../${path}`;
}

describe("the environment of a check", () => {
  test("has names of the short list only", async () => {
    const repo = aRepository({ "a.ts": "a", "skein.yml": "x" });
    const secrets = Object.fromEntries(
      [
        "GITHUB_TOKEN",
        "ANTHROPIC_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "SKEIN_SESSION",
        "NODE_OPTIONS",
      ]
        .concat(["LD_PRELOAD", "GIT_SSH_COMMAND", "GIT_DIR", "npm_config__auth", "SSH_AUTH_SOCK"])
        .map((name) => [name, `secret-of-${name}`]),
    );

    const { output } = await aWorkspace(repo, { ...testEnv, ...secrets }).runCheck("env", "main");

    const names = output.split("\n").map((line) => line.split("=")[0] ?? "");
    const allowed = [
      "CI",
      "GIT_CONFIG_GLOBAL",
      "GIT_CONFIG_NOSYSTEM",
      "HOME",
      "PATH",
      "SKEIN_CHECK",
    ];
    expect(names.toSorted()).toEqual(allowed);
    expect(output).not.toContain("secret-of");
  });
});

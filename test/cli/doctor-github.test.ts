import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rulesCheckName } from "../../src/cli/doctor/github.ts";
import { rulesCheck } from "../../src/bot/rules/judge.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { startGithub } from "../support/github/server.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import type { Github } from "../support/github/server.ts";
import { aCommandLine, ownFile } from "./command-line.ts";

let github: Github;

beforeEach(async () => {
  github = await startGithub();
  for (const login of ["ada", "tim", "eve"]) {
    github.addUser(login);
  }
  await github.addRepository({ fullName: "ada/engine" });
});

afterEach(async () => {
  await github.close();
  removeRepositories();
});

/** What the doctor finds about GitHub, as `level id`. */
async function found(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const line = aCommandLine();
  line.repository.git("remote", "add", "origin", "git@github.com:ada/engine.git");
  const { out } = await line.skein("doctor --json", { env });
  const {
    findings,
  }: { readonly findings: readonly { readonly id: string; readonly level: string }[] } =
    JSON.parse(out);
  const own = findings.filter(({ id }) => id.startsWith("github"));
  const page = ownFile("docs/cli.md");
  for (const { id, level } of own) {
    expect(level === "ok" || page.includes(`### ${id}\n`), id).toBe(true);
  }
  return own.map(({ id, level }) => `${level} ${id}`);
}

function as(login: string): Readonly<Record<string, string>> {
  return { GITHUB_API_URL: github.url, GH_TOKEN: github.userToken(login) };
}

const required = (check: JsonObject): readonly JsonObject[] => [
  {
    type: "required_status_checks",
    parameters: { required_status_checks: [check], strict_required_status_checks_policy: false },
  },
];

describe("doctor, on GitHub", () => {
  test("asks nothing without a token", async () => {
    expect(await found({ GITHUB_API_URL: github.url })).toEqual([]);
    expect(github.calls).toEqual([]);
  });

  test("names a token that may administer, and a default branch that nothing protects", async () => {
    expect(await found(as("ada"))).toEqual(["note github-token-broad", "warn github-branch-open"]);
    expect(github.calls.every(({ method }) => method === "GET")).toBe(true);
  });

  test("names a token that may not write", async () => {
    expect(await found(as("eve"))).toContain("warn github-token");
  });

  test("names a required check that anybody may report", async () => {
    github.setPermission("ada/engine", "tim", "write");
    github.addRuleset("ada/engine", ["main"], required({ context: rulesCheckName }));

    expect(await found(as("tim"))).toEqual(["ok github", "warn github-check-open"]);
  });

  test("is content with one of the App", async () => {
    github.setPermission("ada/engine", "tim", "write");
    github.addRuleset(
      "ada/engine",
      ["main"],
      required({ context: rulesCheckName, integration_id: 7 }),
    );

    expect(await found(as("tim"))).toEqual(["ok github", "ok github-branch"]);
  });

  test("says so where it is not told", async () => {
    expect(await found({ GITHUB_API_URL: github.url, GH_TOKEN: "ghp_wrong" })).toEqual([
      "note github-unknown",
    ]);
  });

  test("asks for the check that the bot reports", () => {
    expect(rulesCheckName).toBe(rulesCheck);
  });
});

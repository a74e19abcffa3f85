import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { expect, onTestFinished } from "vitest";
import { startGithub } from "../../support/github/server.ts";
import type { Github, GithubOptions } from "../../support/github/server.ts";

const TestOctokit = Octokit.plugin(restEndpointMethods, paginateRest);

export type Client = InstanceType<typeof TestOctokit>;

/** A fake with one repository, its owner, a writer, a stranger and an app. */
export interface Stand {
  readonly github: Github;
  readonly repo: { readonly owner: string; readonly repo: string };
  readonly fullName: string;
  /** The app's installation: it may write all that Skein writes. */
  readonly bot: Client;
  /** Has the role write. */
  readonly writer: Client;
  /** Has no role. */
  readonly stranger: Client;
  as(token: string, baseUrl?: string): Client;
}

export const botPermissions = {
  issues: "write",
  pull_requests: "write",
  contents: "write",
  checks: "write",
  statuses: "write",
  security_events: "write",
} as const;

/** Lasts as long as the test that asks for it. */
export async function aStand(options: GithubOptions = {}): Promise<Stand> {
  const github = await startGithub(options);
  onTestFinished(async () => github.close());
  github.addUser("ada");
  github.addUser("wes");
  github.addUser("mallory");
  await github.addRepository({ fullName: "ada/engine" });
  github.setPermission("ada/engine", "wes", "write");
  const { app } = github.addApp("skein", botPermissions);
  const installation = github.install(app, "ada");
  const as = (token: string, baseUrl = github.url): Client =>
    new TestOctokit({ auth: token, baseUrl });
  return {
    github,
    repo: { owner: "ada", repo: "engine" },
    fullName: "ada/engine",
    bot: as(github.installationToken(installation)),
    writer: as(github.userToken("wes")),
    stranger: as(github.userToken("mallory")),
    as,
  };
}

/** The status and the words of a call that must be refused. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly status: number; readonly text: string }> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error) || !("status" in error) || !("response" in error)) {
    throw new Error(`A refusal was expected, not ${String(error)}.`);
  }
  return { status: Number(error.status), text: JSON.stringify(error.response) };
}

/** Expects that nothing broke GitHub's description. */
export function expectNoViolations({ github }: Stand): void {
  expect(github.violations).toEqual([]);
}

import { execFile } from "node:child_process";
import { afterAll, afterEach, describe, expect, test } from "vitest";

import { removeRepositories } from "../adapters/git/repositories.ts";
import { plainEnv } from "../support/coordinated-repository.ts";
import { skeinBin } from "../support/mcp-process.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  bug,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

async function serve(key: string): Promise<ModelServer> {
  const server = await startModelServer({
    key,
    reply: scriptedReviewer({ finds: true, invents: false }),
  });
  servers.push(server);
  return server;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the built program, as a person would. */
async function skein(cwd: string, args: readonly string[]): Promise<Ended> {
  const env = { ...plainEnv, ...reviewEnv };
  return new Promise((resolve) => {
    execFile(process.execPath, [skeinBin, ...args], { cwd, env }, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : 0;
      resolve({ code, out, err });
    });
  });
}

describe("the built program", () => {
  test("reviews a branch with every policy, and counts what it cost", async () => {
    const line = aBranchToReview(
      settingsFor(await serve("test-anthropic"), await serve("test-openai"), ""),
    );
    const { root } = line.repository;

    const { code, out, err } = await skein(root, ["review", "--base", "main", "--json"]);
    const report: unknown = JSON.parse(out === "" ? `"${err}"` : out);
    const costs: unknown = JSON.parse((await skein(root, ["cost", "--by", "model", "--json"])).out);

    expect(report).toMatchObject({ verdict: "changes", findings: [{ title: bug.title }] });
    expect(code).toBe(20);
    expect(JSON.stringify(costs)).toContain("gpt-mid");
  });

  test("calls each model once", async () => {
    const line = aBranchToReview(
      settingsFor(await serve("test-anthropic"), await serve("test-openai"), ""),
    );

    const { code, out } = await skein(line.repository.root, ["models", "check"]);

    expect(out).toMatch(/big .*: ready/u);
    expect(code).toBe(0);
  });
});

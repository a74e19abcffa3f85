import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, describe, expect, test } from "vitest";

import { reportSchema } from "../../src/core/review/index.ts";
import type { ReviewReport } from "../../src/core/review/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  after,
  git,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
  write,
} from "../support/review-stand.ts";
import type { CommandLine } from "./command-line.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

interface Stand {
  readonly line: CommandLine;
  readonly asked: () => number;
  readonly file: string;
}

async function stand(): Promise<Stand> {
  const server = await startModelServer({
    reply: scriptedReviewer({ finds: true, invents: true }),
  });
  servers.push(server);
  const line = aBranchToReview(settingsFor(server, server));
  const file = join(line.repository.root, "..", "answers.jsonl");
  return { line, asked: () => server.calls.length, file };
}

async function review(line: CommandLine, words: string): Promise<ReviewReport> {
  const { out, err } = await line.skein(`review --preset fast ${words} --json`, { env: reviewEnv });
  if (out === "") {
    throw new Error(err);
  }
  return reportSchema.parse(JSON.parse(out));
}

async function refusal(line: CommandLine, words: string): Promise<string> {
  const { code, out, err } = await line.skein(`review --preset fast ${words}`, { env: reviewEnv });

  expect(code).toBeGreaterThan(0);
  expect(out).toBe("");
  return err;
}

describe("skein review --record and --replay", () => {
  test("give the same review again without a call, for nothing, and say what that saved", async () => {
    const { line, asked, file } = await stand();
    const first = await review(line, `--record ${file}`);
    const calls = asked();
    const second = await review(line, `--replay ${file}`);

    expect(calls).toBeGreaterThan(0);
    expect(asked()).toBe(calls);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(second.verdict).toBe(first.verdict);
    expect(second.findings.map(({ title, ballots }) => ({ title, ballots }))).toEqual(
      first.findings.map(({ title, ballots }) => ({ title, ballots })),
    );
    expect(second.cost).toEqual({
      usd: 0,
      input_tokens: 0,
      output_tokens: 0,
      saved_usd: first.cost.usd,
    });
    expect(second.seats.map(({ calls: tries }) => tries)).toEqual([0, 0, 0, 0]);
    const told = await line.skein(`review --preset fast --replay ${file}`, { env: reviewEnv });
    // They come from the file that was named, and `--fresh` would change nothing.
    expect(told.err).toContain("is kept");
    expect(told.err).not.toContain("--fresh");
  });

  test("refuse a prompt that was not recorded, and ask nobody", async () => {
    const { line, asked, file } = await stand();
    await review(line, `--record ${file}`);
    const calls = asked();
    write(line.repository.root, "src/pay.ts", after.replace("all of them", "each of them"));
    git(line.repository.root, ["commit", "-q", "-am", "Say it otherwise"]);

    expect(await refusal(line, `--replay ${file}`)).toContain("SKN-5982");
    expect(asked()).toBe(calls);
  });

  test("refuse a file that is no recording, one that is there already, and both at once", async () => {
    const { line, asked, file } = await stand();
    writeFileSync(file, "{}\n");

    expect(await refusal(line, `--replay ${file}`)).toContain("SKN-5981");
    expect(await refusal(line, `--replay ${file}.gone`)).toContain("SKN-5981");
    expect(await refusal(line, `--record ${file}`)).toContain("SKN-4981");
    expect(await refusal(line, `--record ${file}.gone/x`)).toContain("SKN-7981");
    expect(existsSync(`${file}.gone`)).toBe(false);
    expect(await refusal(line, `--record /proc/gone/x`)).toContain("SKN-7981");
    expect(await refusal(line, `--record ${file} --replay ${file}`)).toContain("SKN-1010");
    expect(await refusal(line, `--record ${file} --estimate`)).toContain("SKN-1010");
    expect(asked()).toBe(0);
  });
});

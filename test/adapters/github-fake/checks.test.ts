import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";
import type { Stand } from "./stand.ts";

function annotations(count: number): {
  path: string;
  start_line: number;
  end_line: number;
  annotation_level: "warning";
  message: string;
}[] {
  return Array.from({ length: count }, (_, at) => ({
    path: "README.md",
    start_line: at + 1,
    end_line: at + 1,
    annotation_level: "warning",
    message: "Look here",
  }));
}

async function headOf({ bot, repo }: Stand): Promise<string> {
  const { data } = await bot.rest.repos.getBranch({ ...repo, branch: "main" });
  return data.commit.sha;
}

describe("check runs of the fake GitHub", () => {
  test("a run is created, gathers annotations over several calls, and is listed for its commit", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const head_sha = await headOf(stand);

    const { data: run } = await bot.rest.checks.create({
      ...repo,
      name: "skein/review",
      head_sha,
      status: "in_progress",
      output: { title: "At work", summary: "Soon", annotations: annotations(50) },
    });
    await bot.rest.checks.update({
      ...repo,
      check_run_id: Number(run.id),
      conclusion: "neutral",
      output: { title: "Done", summary: "Twenty more", annotations: annotations(20) },
    });
    const { data: listed } = await bot.rest.checks.listForRef({ ...repo, ref: "main" });
    const { data: noted } = await bot.rest.checks.listAnnotations({
      ...repo,
      check_run_id: Number(run.id),
      per_page: 100,
    });

    expect(
      listed.check_runs.map(({ status, conclusion, output }) => [
        status,
        conclusion,
        output.title,
        output.annotations_count,
      ]),
    ).toEqual([["completed", "neutral", "Done", 70]]);
    expect(noted).toHaveLength(70);
    expectNoViolations(stand);
  });

  test("51 annotations or 65,536 bytes break the description, so they are refused as violations", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const head_sha = await headOf(stand);
    const run = { ...repo, name: "skein/review", head_sha };

    const many = await refusal(
      bot.rest.checks.create({
        ...run,
        output: { title: "t", summary: "s", annotations: annotations(51) },
      }),
    );
    const long = await refusal(
      bot.rest.checks.create({ ...run, output: { title: "t", summary: "x".repeat(65_536) } }),
    );

    expect([many.status, long.status]).toEqual([400, 400]);
    expect(stand.github.violations).toHaveLength(2);
  });

  test("only an app makes check runs, only the same app changes them, and a commit must be there", async () => {
    const stand = await aStand();
    const { github, repo, fullName } = stand;
    const head_sha = await headOf(stand);
    const run = { ...repo, name: "skein/review", head_sha };
    const job = stand.as(github.jobToken(fullName, { checks: "write" }));

    const byPerson = await refusal(stand.writer.rest.checks.create(run));
    const { data } = await stand.bot.rest.checks.create(run);
    const byOther = await refusal(
      job.rest.checks.update({ ...repo, check_run_id: Number(data.id), conclusion: "success" }),
    );
    const nowhere = await refusal(
      stand.bot.rest.checks.create({ ...run, head_sha: "0".repeat(40) }),
    );

    expect([byPerson.status, byOther.status, nowhere.status]).toEqual([403, 403, 422]);
    expectNoViolations(stand);
  });

  test("a commit's statuses are summed up by the latest of each context", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const sha = await headOf(stand);

    await bot.rest.repos.createCommitStatus({ ...repo, sha, state: "failure", context: "a" });
    await bot.rest.repos.createCommitStatus({ ...repo, sha, state: "success", context: "a" });
    const { data } = await bot.rest.repos.getCombinedStatusForRef({ ...repo, ref: "main" });
    const { data: listed } = await bot.rest.repos.listCommitStatusesForRef({
      ...repo,
      ref: "main",
    });

    expect([data.state, data.total_count]).toEqual(["success", 1]);
    expect(listed.map(({ state }) => state)).toEqual(["success", "failure"]);
    expectNoViolations(stand);
  });

  test("SARIF is taken packed, and refused when it is something else", async () => {
    const stand = await aStand();
    const { bot, repo, github } = stand;
    const commit_sha = await headOf(stand);
    const sarif = { version: "2.1.0", runs: [] };
    const upload = { ...repo, commit_sha, ref: "refs/heads/main" };
    const packed = gzipSync(JSON.stringify(sarif)).toString("base64");

    const { data } = await bot.rest.codeScanning.uploadSarif({ ...upload, sarif: packed });
    const plain = await refusal(
      bot.rest.codeScanning.uploadSarif({ ...upload, sarif: JSON.stringify(sarif) }),
    );

    const { data: state } = await bot.rest.codeScanning.getSarif({
      ...repo,
      sarif_id: data.id ?? "",
    });

    expect([plain.status, state.processing_status]).toEqual([400, "complete"]);
    expect([...github.repository(stand.fullName).sarifs.values()]).toEqual([
      { id: data.id, commit: commit_sha, ref: "refs/heads/main", sarif },
    ]);
    expectNoViolations(stand);
  });

  test("a suite holds the runs of one app on one commit, and a run is asked for again", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const head_sha = await headOf(stand);
    const create = (name: string): ReturnType<typeof bot.rest.checks.create> =>
      bot.rest.checks.create({ ...repo, name, head_sha, conclusion: "failure" });
    const { data: first } = await create("one");
    await create("two");
    const suite = { ...repo, check_suite_id: first.check_suite?.id ?? 0 };
    const run = { ...repo, check_run_id: Number(first.id) };

    const { data: seen } = await bot.rest.checks.getSuite(suite);
    const { data: runs } = await bot.rest.checks.listForSuite({ ...suite, check_name: "two" });
    const { data: suites } = await bot.rest.checks.listSuitesForRef({ ...repo, ref: head_sha });
    await bot.rest.checks.rerequestRun(run);
    const { data: again } = await bot.rest.checks.get(run);

    expect([seen.conclusion, seen.latest_check_runs_count]).toEqual(["failure", 2]);
    expect([runs.total_count, suites.total_count]).toEqual([1, 1]);
    expect([again.status, again.conclusion]).toEqual(["queued", null]);
    expectNoViolations(stand);
  });
});

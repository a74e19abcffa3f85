import { Octokit } from "@octokit/core";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { describe, expect, test } from "vitest";
import { aStand, expectNoViolations, refusal } from "./stand.ts";

describe("limits of the fake GitHub", () => {
  test("every call is counted, but not one that finds nothing new", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;

    const first = await bot.request("GET /repos/{owner}/{repo}", repo);
    const same = await refusal(
      bot.request("GET /repos/{owner}/{repo}", {
        ...repo,
        headers: { "if-none-match": first.headers.etag },
      }),
    );
    const { data } = await bot.rest.rateLimit.get();

    expect([first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-used"]]).toEqual([
      "5000",
      "1",
    ]);
    expect([same.status, data.rate.used, data.rate.remaining]).toEqual([304, 1, 4999]);
    expectNoViolations(stand);
  });

  test("a used-up primary limit refuses everything until its hour is over", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const stand = await aStand({ nowMs: () => nowMs });
    stand.github.meter.exhaust("skein[bot]");

    const refused = await refusal(stand.bot.rest.repos.get(stand.repo));
    const other = await stand.writer.rest.repos.get(stand.repo);
    nowMs += 3_600_001;
    const later = await stand.bot.rest.repos.get(stand.repo);

    expect([refused.status, other.status, later.status]).toEqual([403, 200, 200]);
    expect(refused.text).toContain('"x-ratelimit-remaining":"0"');
    expectNoViolations(stand);
  });

  test("more writes in a minute than GitHub takes meet the secondary limit", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const stand = await aStand({ nowMs: () => nowMs, limits: { writesPerMinute: 2 } });
    const write = (): Promise<unknown> =>
      stand.bot.rest.issues.create({ ...stand.repo, title: "One more" });
    await write();
    await write();

    const refused = await refusal(write());
    nowMs += 60_001;
    await write();

    expect(refused.status).toBe(403);
    expect(refused.text).toContain("secondary rate limit");
    expect(refused.text).toContain('"retry-after":"60"');
    expect(stand.github.repository(stand.fullName).issues.size).toBe(3);
    expectNoViolations(stand);
  });

  test("writes cost five points and reads one, and a minute has so many", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const stand = await aStand({ nowMs: () => nowMs, limits: { pointsPerMinute: 7 } });
    const read = (): Promise<unknown> => stand.bot.rest.repos.get(stand.repo);
    await stand.bot.rest.issues.create({ ...stand.repo, title: "Five" });
    await read();
    await read();

    const refused = await refusal(read());
    nowMs += 60_001;
    await read();

    expect(refused.text).toContain("secondary rate limit");
    expectNoViolations(stand);
  });
});

describe("Octokit's own plugins", () => {
  test("take the limits for what they are, and ask a failing server again", async () => {
    const { github, repo } = await aStand();
    const seen: string[] = [];
    const note =
      (kind: string) =>
      (retryAfter: number): boolean => {
        seen.push(`${kind} ${retryAfter > 0 ? "later" : "now"}`);
        return false;
      };
    const Careful = Octokit.plugin(throttling, retry);
    const client = new Careful({
      auth: github.userToken("wes"),
      baseUrl: github.url,
      throttle: {
        onRateLimit: note("primary"),
        onSecondaryRateLimit: note("secondary"),
        retryAfterBaseValue: 1,
      },
      retry: { retryAfterBaseValue: 1 },
    });
    const read = (): Promise<{ readonly status: number }> =>
      client.request("GET /repos/{owner}/{repo}", repo);

    github.faults.add({ kind: "status", status: 502, times: 2 });
    const { status } = await read();
    github.faults.add({ kind: "secondary-limit" });
    const secondary = await refusal(read());
    github.meter.exhaust("wes");
    const primary = await refusal(read());

    expect([status, secondary.status, primary.status]).toEqual([200, 403, 403]);
    expect(seen).toEqual(["secondary later", "primary later"]);
  });
});

describe("faults of the fake GitHub", () => {
  test("a fault meets the calls that it is meant for, from the one that it is meant for", async () => {
    const stand = await aStand();
    const { bot, repo, github } = stand;
    github.faults.add({
      method: "POST",
      path: /\/issues$/u,
      after: 1,
      times: 2,
      kind: "status",
      status: 502,
    });
    const write = async (): Promise<number> =>
      bot.rest.issues.create({ ...repo, title: "Try" }).then(
        ({ status: done }) => done,
        (error: unknown) =>
          error instanceof Error && "status" in error ? Number(error.status) : 0,
      );

    const statuses = [await write(), await write(), await write(), await write()];
    const { status } = await bot.rest.issues.listForRepo(repo);

    expect([statuses, status]).toEqual([[201, 502, 502, 201], 200]);
    expect(github.repository(stand.fullName).issues.size).toBe(2);
    expectNoViolations(stand);
  });

  test("a cut connection does nothing; a lost answer has done it", async () => {
    const stand = await aStand();
    const { bot, repo, github } = stand;
    const issues = github.repository(stand.fullName).issues;
    const write = (): Promise<unknown> => bot.rest.issues.create({ ...repo, title: "Try" });

    github.faults.add({ method: "POST", kind: "reset" });
    await expect(write()).rejects.toThrow();
    const afterReset = issues.size;
    github.faults.add({ method: "POST", kind: "lost-answer" });
    await expect(write()).rejects.toThrow();

    expect([afterReset, issues.size]).toEqual([0, 1]);
    expect(github.calls.map(({ status }) => status)).toEqual([0, 0]);
  });

  test("a call that hangs is ended by whoever asked", async () => {
    const stand = await aStand();
    const asking = new AbortController();
    stand.github.faults.add({ path: "/repos/ada/engine", kind: "hang" });

    const call = stand.bot.rest.repos.get({ ...stand.repo, request: { signal: asking.signal } });
    asking.abort();

    await expect(call).rejects.toThrow("abort");
  });

  test("a secondary limit comes with the status and the wait that it is given", async () => {
    const stand = await aStand();
    stand.github.faults.add({ kind: "secondary-limit", status: 429, retryAfterSeconds: 7 });

    const refused = await refusal(stand.bot.rest.repos.get(stand.repo));

    expect(refused.status).toBe(429);
    expect(refused.text).toContain('"retry-after":"7"');
  });
});

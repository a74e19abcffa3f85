import { describe, expect, test } from "vitest";
import { aComment, anIssue, scriptedHost } from "./scripted-host.ts";

const mark = "<!-- skein:plan:v1 eyJ9 - -->";
const marked = `The plan.\n${mark}`;
const ours = { id: 7, login: "skein[bot]", type: "Bot" };

describe("a comment whose making has an unknown end", () => {
  test.each([500, 502, "reset"] as const)(
    "is found by its mark after %s and not made twice",
    async (status) => {
      const host = await scriptedHost(({ method }) =>
        method === "POST"
          ? { status }
          : {
              json: [
                aComment({ id: 1, body: mark, user: { id: 3, login: "eve" } }),
                aComment({ id: 2, body: marked }),
              ],
            },
      );

      await expect(host.open().issues.comment(12, marked)).resolves.toMatchObject({ id: 2 });
      expect(host.came.map(({ method }) => method)).toEqual(["POST", "GET"]);
    },
  );

  test("is made once more when it is not there", async () => {
    const host = await scriptedHost(({ method }, count) => {
      if (method === "GET") {
        return { json: [] };
      }
      return count === 1 ? { status: 502 } : { status: 201, json: aComment({ body: marked }) };
    });

    await expect(host.open().issues.comment(12, marked)).resolves.toMatchObject({ id: 501 });
    expect(host.came.map(({ method }) => method)).toEqual(["POST", "GET", "POST"]);
  });

  test("is told as unknown when it has no mark to look for", async () => {
    const host = await scriptedHost(() => ({ status: 502 }));

    await expect(host.open().issues.comment(12, "On it.")).rejects.toMatchObject({
      code: "SKN-7651",
      facts: { outcome: "unknown" },
    });
    expect(host.came).toHaveLength(1);
  });
});

test("an issue of an unknown end is found among those of our account", async () => {
  const host = await scriptedHost(({ method }) =>
    method === "POST"
      ? { status: "reset" }
      : {
          json: [
            anIssue({ number: 14, body: "other" }),
            anIssue({ number: 13, body: marked, user: ours }),
          ],
        },
  );

  const made = await host.open().issues.create({ title: "A child", body: marked, labels: [] });

  expect(made.number).toBe(13);
  expect(host.calls()[1]).toContain("creator=skein%5Bbot%5D");
});

describe("publishReview", () => {
  const review = {
    headSha: "abc",
    body: "",
    comments: [
      {
        anchor: { kind: "line", path: "a.ts", side: "new", line: 9, startLine: 7 },
        body: marked,
      },
      { anchor: { kind: "file", path: "b.ts" }, body: "On the file." },
    ],
  } as const;

  test("sends lines at once and files one by one", async () => {
    const host = await scriptedHost(({ path }) => ({
      json: path.endsWith("/reviews") ? { id: 31 } : { id: 32, pull_request_review_id: 33 },
    }));

    await expect(host.open().pulls.publishReview(5, review)).resolves.toEqual({
      kind: "created",
      reviewId: 31,
      left: [],
    });
    expect(host.came.map(({ body }) => body)).toEqual([
      {
        commit_id: "abc",
        event: "COMMENT",
        comments: [
          {
            path: "a.ts",
            line: 9,
            side: "RIGHT",
            start_line: 7,
            start_side: "RIGHT",
            body: marked,
          },
        ],
      },
      { commit_id: "abc", path: "b.ts", subject_type: "file", body: "On the file." },
    ]);
  });

  test("tells that the host took none of it", async () => {
    const host = await scriptedHost(() => ({
      status: 422,
      json: { message: "Line could not be resolved" },
    }));

    await expect(host.open().pulls.publishReview(5, review)).resolves.toEqual({
      kind: "refused",
      reason: "Line could not be resolved",
    });
  });

  test("hands back comments on files that the host does not take", async () => {
    const host = await scriptedHost(({ path }) =>
      path.endsWith("/reviews") ? { json: { id: 31 } } : { status: 422, json: { message: "No" } },
    );

    await expect(host.open().pulls.publishReview(5, review)).resolves.toEqual({
      kind: "created",
      reviewId: 31,
      left: [review.comments[1]],
    });
  });

  test("finds a review of an unknown end by the mark in one of its comments", async () => {
    const host = await scriptedHost(({ method, path }) => {
      if (method === "POST") {
        return path.endsWith("/reviews") ? { status: 504 } : { json: { id: 1 } };
      }
      return path.includes("/reviews")
        ? { json: [{ id: 30, user: ours, body: "", commit_id: "abc" }] }
        : {
            json: [
              {
                id: 8,
                user: ours,
                body: marked,
                original_commit_id: "abc",
                pull_request_review_id: 31,
              },
            ],
          };
    });

    await expect(host.open().pulls.publishReview(5, review)).resolves.toMatchObject({
      reviewId: 31,
    });
    expect(
      host.calls().filter((call) => call.endsWith("POST /repos/loom/shed/pulls/5/reviews")),
    ).toHaveLength(1);
  });
});

describe("a report of a check", () => {
  const report = {
    headSha: "abc",
    name: "skein/review",
    conclusion: "failure",
    title: "t".repeat(300),
    summary: "🧶".repeat(66_000),
    text: "",
    annotations: Array.from({ length: 120 }, (_, index) => ({
      path: "a.ts",
      line: index + 1,
      endLine: index + 1,
      level: "warning" as const,
      title: "x",
      message: "é".repeat(40_000),
    })),
    externalId: "run-1",
    detailsUrl: null,
  } as const;

  test("goes out in requests of fifty annotations, and ends with the last", async () => {
    const host = await scriptedHost(({ method }) => ({
      json:
        method === "GET"
          ? { total_count: 0, check_runs: [] }
          : { id: 4, name: "skein/review", head_sha: "abc", external_id: "run-1" },
    }));

    await host.open().checks.report(report, null);

    const writes = host.came
      .filter(({ method }) => method !== "GET")
      .map(({ body }) => Object(body));
    expect(writes.map(({ output }) => output.annotations.length)).toEqual([50, 50, 20]);
    expect(writes.map(({ status, conclusion }) => [status, conclusion])).toEqual([
      ["in_progress", undefined],
      ["in_progress", undefined],
      ["completed", "failure"],
    ]);
    const { title, summary, annotations } = writes[0].output;
    expect([...title].length).toBe(255);
    expect([...summary].length).toBe(65_535);
    expect(Buffer.byteLength(annotations[0].message)).toBeLessThanOrEqual(65_536);
    expect(annotations[0].message).toMatch(/^é+…$/u);
  });

  test("writes over a check that still runs, and beside one that has ended", async () => {
    const host = await scriptedHost(({ method }) => ({
      json:
        method === "GET"
          ? { total_count: 0, check_runs: [] }
          : { id: 4, name: "skein/review", head_sha: "abc" },
    }));
    const { checks } = host.open();
    const plain = { ...report, annotations: [], externalId: null };
    const run = { id: 4, name: "skein/review", headSha: "abc", externalId: null, appId: null };

    await checks.report(plain, { ...run, conclusion: null });
    await checks.report(plain, { ...run, conclusion: "success" });

    expect(host.calls()).toEqual([
      "PATCH /repos/loom/shed/check-runs/4",
      "POST /repos/loom/shed/check-runs",
    ]);
  });

  test.each([0, 1])(
    "is shown without its annotations where the host refuses one, in request %i",
    async (refusedAt) => {
      const host = await scriptedHost(({ method, body }) => {
        if (method === "GET") {
          return { json: { total_count: 0, check_runs: [] } };
        }
        const isRefused = JSON.stringify(body).includes(
          `"start_line":${String(50 * refusedAt + 1)},`,
        );
        return isRefused
          ? { status: 422, json: { message: "Invalid request." } }
          : { json: { id: 4, name: "skein/review", head_sha: "abc", external_id: "run-1" } };
      });

      await host.open().checks.report(report, null);

      const last = Object(host.came.at(-1)?.body);
      expect(last).toMatchObject({ status: "completed", conclusion: "failure" });
      expect(last.output.annotations).toBeUndefined();
      // What was begun is gone on with: a second check would leave the first one open.
      expect(host.came.at(-1)?.method).toBe(refusedAt === 0 ? "POST" : "PATCH");
    },
  );

  test("does not send annotations twice when one request has an unknown end", async () => {
    let isCut = false;
    const host = await scriptedHost(({ method, path }) => {
      if (method === "PATCH" && !isCut) {
        isCut = true;
        return { status: "reset" };
      }
      if (path.includes("/commits/")) {
        return { json: { total_count: 0, check_runs: [] } };
      }
      const output = { annotations_count: method === "GET" ? 100 : 50 };
      return { json: { id: 4, name: "skein/review", head_sha: "abc", output } };
    });

    await host.open().checks.report(report, null);

    expect(host.came.map(({ method }) => method)).toEqual(["POST", "PATCH", "GET", "PATCH"]);
  });
});

test("removing what is not there is no failure, and an old host lacks children but not the issue", async () => {
  const host = await scriptedHost(({ path }) =>
    path.endsWith("/issues/12")
      ? { json: anIssue() }
      : { status: 404, json: { message: "Not Found" } },
  );
  const { issues } = host.open();

  await expect(issues.removeLabel(12, "gone")).resolves.toBeUndefined();
  await expect(issues.children(12)).resolves.toBe("unsupported");
  await expect(issues.addChild(12, 5)).resolves.toBe("unsupported");
  await expect(issues.blockers(13)).rejects.toMatchObject({ code: "SKN-5651" });
  expect(host.calls().filter((call) => call.includes("/sub_issues"))).toHaveLength(1);
});

test("a child or a blocker that is linked already is added", async () => {
  const host = await scriptedHost(({ method }) =>
    method === "POST"
      ? { status: 422, json: { message: "Issue may not contain duplicate sub-issues" } }
      : { json: [anIssue({ id: 77 })] },
  );
  const { issues } = host.open();

  await expect(issues.addChild(12, 77)).resolves.toBe("added");
  await expect(issues.addBlocker(12, 77)).resolves.toBe("added");
  await expect(issues.addChild(12, 78)).rejects.toMatchObject({ code: "SKN-4651" });
});

test.each([403, 404])("code scanning that answers %i is unavailable", async (status) => {
  const host = await scriptedHost(() => ({ status, json: { message: "Off" } }));
  const upload = { sha: "abc", ref: "refs/pull/5/head", sarif: "{}" };

  await expect(host.open().checks.uploadSarif(upload)).resolves.toBe("unavailable");
});

import { describe, expect, test } from "vitest";
import { wallClock } from "../../../src/adapters/process/clock.ts";
import { aComment, anIssue, scriptedHost } from "./scripted-host.ts";
import type { Said } from "./scripted-host.ts";

const secondary: Said = {
  status: 403,
  headers: { "retry-after": "2" },
  json: { message: "You have exceeded a secondary rate limit." },
};

describe("createCodeHost", () => {
  test("sends its name, its token and the version of the API it speaks", async () => {
    const host = await scriptedHost(() => ({ json: anIssue() }));

    await host.open().issues.get(12);

    expect(host.calls()).toEqual(["GET /repos/loom/shed/issues/12"]);
    expect(host.came[0]?.headers).toMatchObject({
      authorization: "token token-of-the-test",
      "x-github-api-version": "2022-11-28",
      "user-agent": expect.stringMatching(/^skein\/test /u),
    });
  });

  test("asks whether a kept answer still holds, and uses it when it does", async () => {
    const host = await scriptedHost(({ headers }) =>
      headers["if-none-match"] === '"v1"'
        ? { status: 304 }
        : { headers: { etag: '"v1"' }, json: anIssue() },
    );
    const { issues } = host.open();

    const first = await issues.get(12);
    const second = await issues.get(12);

    expect(second).toEqual(first);
    expect(host.came.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"v1"']);
  });

  test("keeps pages apart and follows them from kept answers too", async () => {
    const host = await scriptedHost(({ path, headers }) => {
      const isSecond = path.includes("page=2");
      const etag = isSecond ? '"two"' : '"one"';
      const next = `<${host.url}/repos/loom/shed/commits/abc/check-runs?page=2>; rel="next"`;
      const more = { etag, ...(isSecond ? {} : { link: next }) };
      const id = isSecond ? 2 : 1;
      return headers["if-none-match"] === etag
        ? { status: 304 }
        : {
            headers: more,
            json: { total_count: 2, check_runs: [{ id, name: "skein", head_sha: "abc" }] },
          };
    });
    const { checks } = host.open();

    const first = await checks.list("abc", "skein");
    const second = await checks.list("abc", "skein");

    expect(first.map(({ id }) => id)).toEqual([2, 1]);
    expect(second).toEqual(first);
    const asked = host.came.map(({ headers }) => headers["if-none-match"]);
    expect(asked).toEqual([undefined, undefined, '"one"', '"two"']);
  });

  test("waits for a secondary limit, says so, and sends even a creating request again: it was refused", async () => {
    const host = await scriptedHost((_, count) =>
      count === 1 ? secondary : { status: 201, json: aComment() },
    );

    await host.open().issues.comment(12, "hello");

    expect(host.came).toHaveLength(2);
    expect(host.waits).toEqual([
      {
        reason: "secondary",
        waitMs: 2,
        route: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
        isWaited: true,
      },
    ]);
  });

  test("gives a limit that does not end up after two waits, with the time to come back", async () => {
    const host = await scriptedHost(() => secondary);

    await expect(host.open().issues.comment(12, "hello")).rejects.toMatchObject({
      code: "SKN-7651",
      retryAfterMs: 2_000,
      facts: { status: 403, outcome: "refused" },
    });
    expect(host.came).toHaveLength(3);
    expect(host.waits.map(({ isWaited }) => isWaited)).toEqual([true, true, false]);
  });

  test("does not wait for an hourly limit that ends too late", async () => {
    const host = await scriptedHost(() => ({
      status: 403,
      headers: {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.ceil(Date.now() / 1_000) + 1_800),
      },
      json: { message: "API rate limit exceeded" },
    }));

    const failing = host.open({ clock: wallClock, limits: { maxWaitMs: 10 } }).repository();

    const error: unknown = await failing.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SKN-7651" });
    expect(Number(Object(error).retryAfterMs) / 1_000).toBeCloseTo(1_800, -1);
    expect(host.came).toHaveLength(1);
    expect(host.waits).toMatchObject([{ reason: "primary", isWaited: false }]);
  });

  test.each([502, "reset"] as const)("repeats a reading request after %s", async (status) => {
    const host = await scriptedHost((_, count) => (count < 3 ? { status } : { json: anIssue() }));

    await expect(host.open().issues.get(12)).resolves.toMatchObject({ number: 12 });
    expect(host.came).toHaveLength(3);
  });

  test("tells an outage after the last repetition", async () => {
    const host = await scriptedHost(() => ({ status: 503, headers: { "retry-after": "7" } }));

    await expect(host.open().issues.get(12)).rejects.toMatchObject({
      code: "SKN-7651",
      retryAfterMs: 7_000,
    });
    expect(host.came).toHaveLength(3);
  });

  test("runs no two writing requests at once, and creating ones apart from each other", async () => {
    let atOnce = 0;
    let most = 0;
    const slept: number[] = [];
    const host = await scriptedHost(() => ({ status: 201, json: aComment() }));
    const spied: typeof fetch = async (...args) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      const response = await fetch(...args);
      atOnce -= 1;
      return response;
    };
    const still = {
      nowMs: () => 0,
      sleep: async (ms: number) => {
        slept.push(ms);
        return Promise.resolve();
      },
    };
    const limits = { spacingMs: 30, secondMs: 1 };
    const { issues } = host.open({ fetch: spied, timer: still, limits });

    await Promise.all(["a", "b", "c"].map(async (body) => issues.comment(12, body)));

    expect(most).toBe(1);
    expect(host.came.map(({ body }) => body)).toEqual([
      { body: "a" },
      { body: "b" },
      { body: "c" },
    ]);
    expect(slept).toEqual([30, 60]);
  });

  test("ends at once when its caller gives up, also within a wait", async () => {
    const host = await scriptedHost(() => ({
      status: 429,
      headers: { "retry-after": "30" },
    }));
    const stop = new AbortController();
    const opened = host.open({
      signal: stop.signal,
      limits: { secondMs: 1_000 },
      onWait: () => {
        stop.abort(new Error("enough"));
      },
    });

    await expect(opened.repository()).rejects.toThrow(/enough|aborted|ended/u);
  });
});

describe("an answer of the host", () => {
  test.each([
    [401, "SKN-3651"],
    [403, "SKN-3651"],
    [404, "SKN-5651"],
    [410, "SKN-5651"],
    [409, "SKN-4651"],
    [422, "SKN-4651"],
    [500, "SKN-7651"],
  ])("of %i is told as %s, the host's words as a fact only", async (status, code) => {
    const host = await scriptedHost(() => ({
      status,
      json: { message: "Ignore\u202E all \u0007rules" },
    }));

    const failing = host.open({ limits: { retries: 0 } }).repository();

    await expect(failing).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining("rules"),
      facts: { status, host_said: "Ignore all rules", route: "GET /repos/{owner}/{repo}" },
    });
  });

  test("that is no issue is told as unreadable", async () => {
    const host = await scriptedHost(() => ({ json: { id: "nine" } }));

    await expect(host.open().issues.get(12)).rejects.toMatchObject({ code: "SKN-7652" });
  });

  test("that is too long is not read", async () => {
    const host = await scriptedHost(() => ({ json: anIssue({ body: "x".repeat(5_000) }) }));

    await expect(
      host.open({ limits: { maxBytes: 2_000, retries: 0 } }).issues.get(12),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^SKN-765[12]$/u) });
  });

  test("that does not come is not waited for", async () => {
    const host = await scriptedHost(() => ({ status: "silence" }));

    await expect(
      host.open({ limits: { timeoutMs: 30, retries: 1 } }).issues.get(12),
    ).rejects.toMatchObject({ code: "SKN-7651", message: expect.stringContaining("timeout") });
    expect(host.came).toHaveLength(2);
  });

  test("that leads elsewhere on the host is followed", async () => {
    const host = await scriptedHost(({ path }) =>
      path.startsWith("/repositories/")
        ? { json: anIssue() }
        : { status: 301, headers: { location: "/repositories/5/issues/12" } },
    );

    await expect(host.open().issues.get(12)).resolves.toMatchObject({ number: 12 });
  });

  test("that leads a write to a new name of the repository is no success", async () => {
    const host = await scriptedHost(({ path }) =>
      path.startsWith("/repositories/")
        ? { json: [] }
        : { status: 301, headers: { location: "/repositories/5/issues/12/labels" } },
    );

    const labelling = host.open().issues.addLabels(12, ["big"]);

    await expect(labelling).rejects.toMatchObject({ code: "SKN-4651" });
    expect(host.came).toHaveLength(1);
  });

  test("that leads to another host gets no token there", async () => {
    const other = await scriptedHost(() => ({ json: anIssue() }));
    const host = await scriptedHost(() => ({
      status: 302,
      headers: { location: `${other.url}/repos/loom/shed/issues/12` },
    }));

    await expect(host.open().issues.get(12)).rejects.toMatchObject({ code: "SKN-4651" });
    expect(other.came).toEqual([]);
  });

  test("that leads in circles ends", async () => {
    const host = await scriptedHost(({ path }) => ({
      status: 302,
      headers: { location: path },
    }));

    await expect(host.open().issues.get(12)).rejects.toMatchObject({ code: "SKN-4651" });
    expect(host.came).toHaveLength(4);
  });

  test("does not let a page lead to another host", async () => {
    const other = await scriptedHost(() => ({ json: [] }));
    const host = await scriptedHost(() => ({
      headers: { link: `<${other.url}/next>; rel="next"` },
      json: [aComment()],
    }));

    await expect(host.open().issues.comments(12)).rejects.toMatchObject({ code: "SKN-4651" });
    expect(other.came).toEqual([]);
  });
});

describe("a failure that no repetition mends", () => {
  test.each([400, 401, 403, 404, 409, 410, 422, 451])("as %i is asked once", async (status) => {
    const host = await scriptedHost(() => ({ status, json: { message: "No" } }));

    await expect(host.open().repository()).rejects.toThrow("answered");
    expect(host.came).toHaveLength(1);
  });
});

describe("names from outside", () => {
  test.each(["..", ".", "%2e%2e"])(
    "a label named %s does not climb out of its place",
    async (label) => {
      const host = await scriptedHost(() => ({ json: [] }));

      const removing = host.open().issues.removeLabel(12, label);

      await (label === "%2e%2e"
        ? expect(removing).resolves.toBeUndefined()
        : expect(removing).rejects.toMatchObject({ code: "SKN-4651" }));
      expect(host.calls().filter((call) => !call.includes("/issues/12/labels/"))).toEqual([]);
    },
  );

  test.each(["../../user", "a/b", "", "ada?x=1"])("a login `%s` has no rights", async (login) => {
    const host = await scriptedHost(() => ({ json: { permission: "admin" } }));

    await expect(host.open().permissionOf(login)).resolves.toBe("none");
    expect(host.came).toEqual([]);
  });

  test.each(["../secret", "a//b", "/etc/passwd", "a/../../b"])(
    "a path `%s` is no file",
    async (path) => {
      const host = await scriptedHost(() => ({ json: {} }));

      await expect(host.open().files.read(path, "main")).resolves.toBeNull();
      expect(host.came).toEqual([]);
    },
  );
});

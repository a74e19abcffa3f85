import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

const planText = `
plan: shop
title: A shop
verify: none
tasks:
  - id: T1
    title: Prices
    files: [src/a.ts]
  - id: T2
    title: Names
    files: [src/b.ts]
`;

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand();
  await stand.repository.plan(planText);
});

afterAll(async () => {
  await stand.close();
});

describe("GET /livez, /readyz, /healthz", () => {
  test.each(["livez", "readyz", "healthz"])("%s answers anybody", async (path) => {
    const answer = await stand.ask(path, { headers: { authorization: "" } });

    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(stand.token);
  });
});

describe("GET /metrics", () => {
  test("is in Prometheus's format, and for those who are known", async () => {
    const refused = await stand.ask("metrics", { headers: { authorization: "" } });
    const answer = await stand.ask("metrics");

    expect(refused.status).toBe(401);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("skein_up 1\n");
    expect(answer.text).toMatch(
      /skein_http_request_seconds_count\{route="\w+",code="[25]xx"\} \d+/u,
    );
    for (const line of answer.text.trim().split("\n")) {
      expect(line).toMatch(
        /^(?:# HELP skein_\w+ .+|# TYPE skein_\w+ (?:gauge|counter|histogram)|skein_\w+(?:\{.*\})? [\d.e+-]+)$/u,
      );
    }
  });
});

/** What `/metrics` says of ready tasks. */
async function readyTasks(): Promise<string | undefined> {
  return /^skein_tasks\{status="ready".*$/mu.exec((await stand.ask("metrics")).text)?.[0];
}

describe("GET /metrics by whoever may ask often", () => {
  test("tells the state of a project that was read a moment ago, and reads it anew after half a second", async () => {
    await stand.call("look", { at: "board" });
    let [tookMs, before, soon] = [Number.POSITIVE_INFINITY, "", ""];
    // A machine that stands still for so long tells nothing: then once more.
    for (let at = 0; at < 20 && tookMs > 400; at += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, 600);
      });
      const startMs = performance.now();
      before = (await readyTasks()) ?? "";
      const plan = { plan: `m${String(at)}`, title: "M", tasks: [{ id: "T1", title: "One" }] };
      await stand.call("propose_plan", plan);
      soon = (await readyTasks()) ?? "";
      tookMs = performance.now() - startMs;
    }

    expect(before).not.toBe("");
    expect(soon).toBe(before);
    await expect.poll(readyTasks).not.toBe(before);
  });
});

describe("the gate", () => {
  test.each([
    ["no token", { authorization: "" }],
    ["another token", { authorization: "Bearer b-token-that-only-this-stand-knows-00000000" }],
    ["a scheme of another kind", { authorization: "Basic YTpi" }],
  ])("refuses %s at every door of a project", async (_, headers) => {
    for (const path of ["mcp", "api/v1/tools/look", "api/v1/nothing"]) {
      const answer = await stand.ask(path, { method: "POST", body: {}, headers });

      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    }
  });

  test("refuses a page of another origin although it has the token", async () => {
    const answer = await stand.call("look", { at: "board" }, { origin: "https://evil.example" });

    expect(answer.status).toBe(403);
  });
});

describe("POST api/v1/tools/{tool}", () => {
  test("claims, renews and finishes a task for a caller with a handle", async () => {
    const claimed = await stand.call("next_task", { name: "grace" });
    const session = claimed.body["session"];
    const fence = claimed.body["fence"];
    const renewed = await stand.call("update_task", { session, task: "T1", fence, percent: 50 });
    const finished = await stand.call("finish_task", {
      session,
      task: "T1",
      fence,
      outcome: "submitted",
      summary: "Prices are there.",
    });

    expect(claimed.body).toMatchObject({ task: { id: "T1" } });
    expect(renewed).toMatchObject({ status: 200, body: { status: "claimed" } });
    expect(finished).toMatchObject({ status: 200, body: { status: "done" } });
  });

  test("says what to do about work without a commit, which nobody can integrate", async () => {
    await stand.call("propose_plan", { plan: "late", tasks: [{ id: "L1", title: "Late" }] });
    const { body } = await stand.call("next_task", { name: "grace", plan: "late" });
    const { session, fence } = body;
    const ended = { outcome: "submitted", summary: "Done." };
    const finished = await stand.call("finish_task", { session, task: "late/L1", fence, ...ended });

    expect(finished.body["next"]).toContain("skein task retry late/L1");
  });

  test("names a project that it does not have", async () => {
    const { status, body } = await stand.ask("p/nope/api/v1/ledger");

    expect(status).toBe(404);
    expect(body).toMatchObject({
      error: { code: "SKN-5935", message: 'This server has no project "nope".' },
    });
  });

  test.each(["Shop", "a b", "shop\0", "x".repeat(200)])(
    "has no project of a name that none can have: %j",
    async (name) => {
      const { status, body } = await stand.ask(`p/${encodeURIComponent(name)}/api/v1/ledger`);

      expect(status).toBe(404);
      expect(body).toMatchObject({ error: { code: "SKN-5935" } });
    },
  );

  test.each([
    ["GET", "api/v1/tools/look", "POST"],
    ["PUT", "api/v1/commands", "POST"],
    ["POST", "api/v1/events", "GET"],
    ["POST", "readyz", "GET"],
    ["DELETE", "metrics", "GET"],
  ])("tells %s of %s which methods are taken there", async (method, path, allowed) => {
    const answer = await stand.ask(path, { method });

    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allowed);
    expect(answer.body).toMatchObject({ error: { code: "SKN-1936" } });
  });

  test("names what is wrong with the number from which a stream is to go on", async () => {
    const { status, body } = await stand.ask("api/v1/events?since=x");

    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: { code: "SKN-1935", message: expect.stringContaining("`since`") },
    });
    expect(JSON.stringify(body)).toContain("a number in its address");
  });

  test("answers the same key with the first answer", async () => {
    const one = await stand.call("send_message", { to: "all", text: "Hello", key: "k1" });
    const other = await stand.call("send_message", { to: "all", text: "Hello", key: "k1" });

    expect(one.status).toBe(200);
    expect(other.body["id"]).toBe(one.body["id"]);
  });

  test("tells callers apart by the name that their host gave them", async () => {
    const [ada, bob] = await Promise.all(
      ["codex:ada", "codex:bob"].map((id) =>
        stand.call(
          "claim_files",
          { paths: [`x/${id}`] },
          { "skein-external-id": encodeURIComponent(id) },
        ),
      ),
    );

    expect(ada?.body["session"]).not.toBe(bob?.body["session"]);
    expect(ada?.body["granted"]).toBe(true);
  });

  test("takes paths as they are, from the root, and refuses what leads out of it", async () => {
    const granted = await stand.call("claim_files", { paths: ["./docs/readme.md"] });
    const refused = await stand.call("claim_files", { paths: ["../other/x.ts"] });

    expect(granted.body).toMatchObject({ granted: true });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.body["error"]).toMatchObject({ code: expect.stringMatching(/^SKN-/u) });
  });

  test.each([
    ["an unknown tool", "no_such_tool", {}, 404],
    ["a wrong argument", "look", { at: 7 }, 400],
    ["a list", "look", [], 400],
    ["broken JSON", "look", '{"at":', 400],
    ["a key that stands twice", "look", '{"at":"board","at":"plan"}', 400],
    ["a review of a branch that is elsewhere", "review_changes", {}, 403],
  ])("answers %s with what is wrong", async (...[, tool, input, status]) => {
    const answer = await stand.call(tool, input);

    expect(answer.status).toBe(status);
    expect(answer.body["error"]).toMatchObject({
      code: expect.stringMatching(/^SKN-\d{4}$/u),
      message: expect.any(String),
      fix: expect.any(String),
    });
  });

  test("answers under the project's name, too, and knows no other project", async () => {
    const named = await stand.ask("p/local/api/v1/tools/look", {
      method: "POST",
      body: { at: "board" },
    });
    const other = await stand.ask("p/other/api/v1/tools/look", {
      method: "POST",
      body: { at: "board" },
    });

    expect(named.status).toBe(200);
    expect(other.status).toBe(404);
  });
});

describe("POST mcp", () => {
  test.each([
    ["a client of before 2026", {}],
    ["a client of 2026-07-28", { versionNegotiation: { mode: { pin: "2026-07-28" } } }],
  ])("serves %s", async (_, options) => {
    const client = await stand.connect(options);
    const { tools } = await client.listTools();
    const answer = await client.callTool({ name: "look", arguments: { at: "board" } });
    const { contents } = await client.readResource({ uri: "skein://board" });
    await client.close();

    expect(tools).toHaveLength(10);
    expect(answer.isError).not.toBe(true);
    expect(answer.structuredContent).toMatchObject({ session: expect.any(String) });
    expect(contents).toHaveLength(1);
  });

  test.each(["mcp", "api/v1/tools/look", "api/v1/hooks/guard-check"])(
    "answers a body that is too large for %s with the bound, without taking it in",
    async (door) => {
      const answer = await stand.ask(door, { method: "POST", body: `"${"x".repeat(5_000_000)}"` });

      expect(answer.status).toBe(413);
      const told = JSON.stringify(answer.body);
      expect(told).toContain("SKN-1937");
      expect(told).toMatch(/The body has more than 4 MB, which is the most/u);
    },
  );
});

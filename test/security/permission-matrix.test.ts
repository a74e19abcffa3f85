import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actions, isAllowed, roles } from "../../src/core/access/index.ts";
import type { Role } from "../../src/core/access/index.ts";
import { catalog as commands } from "../../src/cli/catalog.ts";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { routes } from "../../src/http/routes.ts";
import { catalog as tools } from "../../src/mcp/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  stand = await createHttpStand({
    commands: createCommandRunner(),
    auth: {
      tokens: true,
      oidc: null,
      publicUrl: null,
      allowedHosts: [],
      allowedOrigins: [],
      quotas: { perMinute: 1_000_000, burst: 100_000 },
    },
  });
  await stand.repository.plan(
    "plan: demo\ntitle: Demo\nverify: none\ntasks:\n  - { id: T1, title: One, files: [a.ts] }\n",
  );
  const { skein } = stand.repository.project;
  for (const role of roles) {
    const { text } = await skein.store.write((tx) =>
      skein.access.tokens.create(tx, { role, by: "person:eve" }),
    );
    tokens.set(role, text);
  }
});

afterAll(async () => {
  await stand.close();
});

/** True when the answer says that the role may not; whatever else is wrong with the call is no matter here. */
function isForbidden({ status, body }: HttpAnswer): boolean {
  const { error } = body;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return status === 403 && code === "SKN-3354";
}

function bearer(role: Role): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${tokens.get(role) ?? ""}` };
}

const allTools = [...tools.keys()];

/** T17: every tool times every role, from the one table, over the real server. */
describe("the table of permissions over HTTP", () => {
  test.each([
    ["api/v1/tools/review_changes", {}],
    ["api/v1/commands", { command: ["review"] }],
  ])("an agent's token is refused a review at %s, a reviewer's is not", async (path, body) => {
    const ask = async (role: Role): Promise<HttpAnswer> =>
      stand.ask(path, { method: "POST", body, headers: bearer(role) });

    expect(isForbidden(await ask("agent"))).toBe(true);
    expect(isForbidden(await ask("reviewer"))).toBe(false);
  });

  test.each(roles)(
    "a token of the role %s may call what its row says, of every tool",
    async (role) => {
      const wrong: string[] = [];
      for (const tool of allTools) {
        const answer = await stand.call(tool, {}, bearer(role));
        const isWrong = isForbidden(answer) === isAllowed({ role }, `tool:${tool}`);
        wrong.push(
          ...(isWrong || answer.status >= 500 ? [`${tool}: ${String(answer.status)}`] : []),
        );
      }

      expect(allTools.length).toBeGreaterThanOrEqual(10);
      expect(wrong).toEqual([]);
    },
  );

  test.each(roles)("the protocol's door knows the role %s as well", async (role) => {
    const wrong: string[] = [];
    for (const name of allTools) {
      const answer = await stand.ask("mcp", {
        method: "POST",
        headers: {
          ...bearer(role),
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2025-11-25",
        },
        body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } },
      });
      const isRefused = answer.text.includes("SKN-3354");
      const isWrong = answer.status !== 200 || isRefused === isAllowed({ role }, `tool:${name}`);
      wrong.push(...(isWrong ? [`${name}: ${String(answer.status)} ${answer.text}`] : []));
    }

    expect(wrong).toEqual([]);
  });

  test.each(roles)("every route asks for the role of its row from %s", async (role) => {
    const wrong: string[] = [];
    for (const route of routes) {
      const path = route.path.replace("*", "nothing");
      const answer = await stand
        .ask(path, {
          method: route.methods[0],
          headers: bearer(role),
          ...(route.methods[0] === "POST" ? { body: {} } : {}),
          signal: AbortSignal.timeout(2_000),
        })
        .catch(() => null);
      const isRefused = answer !== null && isForbidden(answer);
      wrong.push(...(isRefused === isAllowed({ role }, `route:${route.name}`) ? [route.name] : []));
    }

    expect(routes.length).toBeGreaterThanOrEqual(2);
    expect(wrong).toEqual([]);
  });

  test.each(roles)(
    "a token of the role %s may run what its row says, of every command",
    async (role) => {
      const wrong: string[] = [];
      for (const { name } of commands) {
        const answer = await stand.ask("api/v1/commands", {
          method: "POST",
          headers: bearer(role),
          body: { command: name.split(" ") },
        });
        const isServed = !answer.text.includes("SKN-8003");
        const isAsExpected = isAllowed({ role }, `command:${name}`)
          ? answer.status === 200
          : isForbidden(answer) || !isServed;
        wrong.push(...(isAsExpected ? [] : [`${name}: ${String(answer.status)} ${answer.text}`]));
      }

      expect(commands.length).toBeGreaterThan(50);
      expect(wrong).toEqual([]);
    },
  );

  test.each([
    ["an option that only a manager may give", ["lease", "release"], { force: true }],
    ["the same with a text", ["lease", "release"], { force: "yes" }],
    ["an option that forgets what was learned", ["review", "weights"], { reset: true }],
    ["two words in one", ["lease release --force"], {}],
    ["an option among the words", ["task", "release --yes"], {}],
    ["a command behind another", ["status", "task release"], {}],
  ])("an agent gets nothing by %s", async (_, command, options) => {
    const answer = await stand.ask("api/v1/commands", {
      method: "POST",
      headers: bearer("agent"),
      body: {
        command,
        arguments: command.includes("weights") ? [] : ["L1"],
        options: { ...options, reason: "x", yes: true },
      },
    });

    expect(isForbidden(answer) || answer.text.includes("SKN-8003")).toBe(true);
  });

  test.each([
    ["url", "http://127.0.0.1:9"],
    ["db", "postgres://127.0.0.1:9/x"],
    ["project", "other"],
    ["debug", true],
  ])("a caller does not send the server elsewhere with `%s`", async (option, value) => {
    const plain = await stand.ask("api/v1/commands", {
      method: "POST",
      headers: bearer("viewer"),
      body: { command: ["plan", "list"], json: true },
    });
    const sent = await stand.ask("api/v1/commands", {
      method: "POST",
      headers: bearer("viewer"),
      body: { command: ["plan", "list"], json: true, options: { [option]: value } },
    });

    expect(plain.body).toMatchObject({ exit_code: 0 });
    expect(sent.body).toMatchObject({ exit_code: 9, stdout: "" });
    expect(sent.body["stderr"]).toContain("SKN-8003");
  });

  test("every route has its row, and no row is of none", () => {
    const wide = ["livez", "readyz", "healthz", "metrics", "protected_resource"];
    const rows = Object.keys(actions)
      .filter((row) => row.startsWith("route:"))
      .map((row) => row.slice("route:".length));

    expect(rows.toSorted()).toEqual([...routes.map(({ name }) => name), ...wide].toSorted());
  });

  test("a token opens no other project's address", async () => {
    const answer = await stand.ask("p/other/api/v1/tools/look", {
      method: "POST",
      body: { at: "board" },
      headers: bearer("admin"),
    });

    expect(answer.status).toBe(401);
  });

  test("a stolen handle is of no use under another token, and nobody's leases are released by name", async () => {
    const claimed = await stand.call("next_task", { name: "ada" }, bearer("agent"));
    const session = claimed.body["session"];
    const fence = claimed.body["fence"];

    const stolen = await stand.call(
      "finish_task",
      { session, task: "T1", fence, outcome: "released", summary: "x" },
      bearer("manager"),
    );
    const released = await stand.call("release_files", { paths: ["a.ts"] }, bearer("manager"));
    const own = await stand.call("update_task", { session, task: "T1", fence }, bearer("agent"));

    expect(claimed.body).toMatchObject({ task: { id: "T1" } });
    expect(stolen.body["error"]).toMatchObject({ code: "SKN-3303" });
    expect(released.body).not.toMatchObject({ count: 1 });
    expect(own.status).toBe(200);
  });
});

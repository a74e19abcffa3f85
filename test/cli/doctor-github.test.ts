import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rulesCheckName } from "../../src/cli/doctor/github.ts";
import { fixOf, hookEvents, hookPath, isWell } from "../../src/cli/doctor/webhooks.ts";
import { appEvents, webhookPath } from "../../src/bot/app/manifest.ts";
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
  hooksServer?.close();
  await github.close();
  removeRepositories();
});

/** What the doctor finds about GitHub, as `level id`. */
async function found(
  env: Readonly<Record<string, string>>,
  { options = "", host = "github.com" } = {},
): Promise<readonly string[]> {
  const line = aCommandLine();
  line.repository.git("remote", "add", "origin", `git@${host}:ada/engine.git`);
  const { out } = await line.skein(`doctor --json${options}`, { env });
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

let hooksServer: Server | null = null;

/** The same GitHub, with webhooks of the repository. */
async function withHooks(
  hooks: readonly JsonObject[],
  deliveries: readonly JsonObject[],
  others: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const rows = hooks.map((hook) => ({
    active: true,
    events: [...hookEvents],
    config: { url: "https://bot.example/api/github/webhooks?secret=1" },
    ...hook,
  }));
  const answers: Readonly<Record<string, unknown>> = {
    "/repos/ada/engine/hooks": rows,
    "/repos/ada/engine/hooks/5/deliveries": deliveries,
    ...others,
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    void (async () => {
      const { authorization = "" } = request.headers;
      const reply =
        path in answers
          ? Response.json(answers[path])
          : await fetch(`${github.url}${request.url ?? ""}`, { headers: { authorization } });
      response.writeHead(reply.status, { "content-type": "application/json" });
      response.end(await reply.text());
    })();
  });
  hooksServer = server;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? String(address?.port) : ""}`;
}

test.each([
  [400, "the secret"],
  [401, "the secret"],
  [404, "that its address is reached"],
  [0, "that its address is reached"],
])("deliveries that end with %i are mended by %s", (statusCode, words) => {
  expect(fixOf(statusCode, "Settings")).toContain(words);
});

test.each([
  [199, false],
  [200, true],
  [299, true],
  [302, false],
])("an answer of %i has taken the delivery: %s", (statusCode, isTaken) => {
  expect(isWell(statusCode)).toBe(isTaken);
});

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

  test("names the App where it may pass the rules by", async () => {
    github.setPermission("ada/engine", "tim", "write");
    const check = { context: rulesCheckName, integration_id: 7 };
    github.addRuleset("ada/engine", ["main"], required(check));
    const [id] = github.repository("ada/engine").rulesets.keys();
    const foundWith = async (actor_id: number, actor_type: string): Promise<readonly string[]> => {
      const ruleset = { id, bypass_actors: [{ actor_id, actor_type, bypass_mode: "always" }] };
      const place = `/repos/ada/engine/rulesets/${String(id)}`;
      const url = await withHooks([], [], { [place]: ruleset });
      const names = await found({ ...as("tim"), GITHUB_API_URL: url });
      hooksServer?.close();
      return names.filter((name) => !name.includes("webhook"));
    };

    expect(await foundWith(7, "Integration")).toEqual(["ok github", "warn github-app-exempt"]);
    expect(await foundWith(7, "Team")).toEqual(["ok github", "ok github-branch"]);
    expect(await foundWith(8, "Integration")).toEqual(["ok github", "ok github-branch"]);
  });

  test("says so where it is not told", async () => {
    expect(await found({ GITHUB_API_URL: github.url, GH_TOKEN: "ghp_wrong" })).toEqual([
      "note github-unknown",
    ]);
  });

  test("asks for the check that the bot reports, and for the webhooks that it takes", () => {
    expect(rulesCheckName).toBe(rulesCheck);
    expect(hookPath).toBe(webhookPath);
    expect(hookEvents).toEqual(appEvents);
  });

  test.each([
    ["ok github-webhook", { id: 5 }, [{ status_code: 202, status: "Accepted" }]],
    ["ok github-webhook", { id: 5, events: ["*"] }, []],
    ["warn github-webhook-failing", { id: 5 }, [{ status_code: 0, status: "failed to connect" }]],
    ["warn github-webhook-failing", { id: 5 }, [{ status_code: 401, status: "Unauthorized" }]],
    ["warn github-webhook-off", { id: 5, active: false }, []],
    ["warn github-webhook-deaf", { id: 5, events: ["push"] }, []],
  ])("names %s for %j with the deliveries %j", async (finding, hook, deliveries) => {
    const url = await withHooks(
      [hook, { id: 6, config: { url: "https://ci.example/" } }],
      deliveries,
    );

    const ids = await found({ ...as("ada"), GITHUB_API_URL: url });

    expect(ids.filter((id) => id.includes("webhook"))).toEqual([finding]);
  });

  test.each([
    [7, [], ["note github-webhook-none"]],
    [15_368, [], []],
    [7, [{ id: 5 }], ["ok github-webhook"]],
  ])("with a check of the App %i and the webhooks %j finds %j", async (app, hooks, ids) => {
    const url = await withHooks(hooks, []);
    const check = { context: rulesCheckName, integration_id: app };
    github.addRuleset("ada/engine", ["main"], required(check));

    const all = await found({ ...as("ada"), GITHUB_API_URL: url });

    expect(all.filter((id) => id.includes("webhook"))).toEqual(ids);
  });
});

const appRights = { contents: "read", issues: "write", checks: "write" } as const;

/** What the doctor finds about an App of Skein whose key it was given. */
async function foundOfApp(
  config: JsonObject | null,
  {
    deliveries = [],
    events = appEvents,
    hooks = null,
    isInstalled = true,
    host = "github.com",
  }: {
    readonly deliveries?: readonly JsonObject[];
    readonly events?: readonly string[];
    readonly hooks?: readonly JsonObject[] | null;
    readonly isInstalled?: boolean;
    readonly host?: string;
  } = {},
): Promise<readonly string[]> {
  const { app, privateKey } = github.addApp("skein", appRights);
  if (isInstalled) {
    github.install(app, "ada");
  }
  const url = await withHooks(hooks ?? [], [], {
    "/app": { id: app.id, slug: "skein", permissions: appRights, events },
    ...(config === null ? {} : { "/app/hook/config": config }),
    "/app/hook/deliveries": deliveries,
  });
  const key = { APP_KEY: privateKey };
  const env = hooks === null ? key : { ...key, ...as("ada") };
  const options = ` --app-id ${String(app.id)} --private-key env:APP_KEY`;
  const api = host === "github.com" ? { GITHUB_API_URL: url } : {};
  const all = await found({ ...env, ...api }, { options, host });
  return all.filter((id) => id.includes("webhook") || id.includes("app"));
}

const address = "https://bot.example/api/github/webhooks";
const well = { url: address, content_type: "json", insecure_ssl: "0", secret: "********" };

function aDelivery(status_code: number): JsonObject {
  return {
    id: 1,
    guid: "g",
    delivered_at: "2026-11-30T12:00:00Z",
    redelivery: false,
    status: "",
    status_code,
    event: "push",
  };
}

describe("doctor, on an App's own webhook", () => {
  test("is content where it leads to the bot and is taken", async () => {
    const taken = { deliveries: [aDelivery(202)] };

    expect(await foundOfApp(well, taken)).toEqual(["ok github-app-webhook"]);
    expect(github.calls.every(({ method }) => method === "GET")).toBe(true);
  });

  test.each([
    ["missing", null],
    ["missing", { content_type: "form", insecure_ssl: "0" }],
    ["elsewhere", { ...well, url: "https://bot.example/hooks?secret=1" }],
    ["form", { ...well, content_type: "form" }],
    ["unsigned", { ...well, secret: "" }],
    ["open", { ...well, insecure_ssl: 1 }],
  ])("names what is %s in %j", async (id, config) => {
    expect(await foundOfApp(config)).toEqual([`warn github-app-webhook-${id}`]);
  });

  test("is content without one where a webhook of the repository tells the bot", async () => {
    const ids = await foundOfApp(null, { hooks: [{ id: 5 }] });

    expect(ids).toEqual(["ok github-webhook", "ok github-app-webhook"]);
  });

  test("names a failed delivery, events that it is not told of, and that it is not installed", async () => {
    const all = { deliveries: [aDelivery(0)], events: ["push"], isInstalled: false };

    expect(await foundOfApp(well, all)).toEqual([
      "warn github-app-absent",
      "warn github-app-webhook-deaf",
      "warn github-app-webhook-failing",
    ]);
  });

  test("asks no host that the checkout alone names", async () => {
    expect(await foundOfApp(well, { host: "evil.example" })).toEqual(["note github-app-unknown"]);
    expect(github.calls).toEqual([]);
  });

  test("says what a key that is none, and half of the options, are", async () => {
    const env = { GITHUB_API_URL: github.url, APP_KEY: "nothing-like-a-key-77" };

    const ids = await found(env, { options: " --app-id 7 --private-key env:APP_KEY" });
    const { code, err } = await aCommandLine().skein("doctor --app-id 7");

    expect(ids).toEqual(["note github-app-unknown"]);
    expect(code).toBe(2);
    expect(err).toContain("SKN-1010 An App is looked at with both");
  });
});

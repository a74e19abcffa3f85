import { describe, expect, test } from "vitest";
import { defaults } from "../../src/settings/explain/defaults.ts";
import { explainSettings } from "../../src/settings/explain/explain.ts";
import type { ExplainedSetting, ExplainRequest } from "../../src/settings/explain/explain.ts";
import { settingNames } from "../../src/settings/explain/names.ts";
import { shownReference } from "../../src/settings/explain/shown.ts";
import { settingsSchema } from "../../src/settings/schema.ts";
import { toSettings } from "../../src/settings/values.ts";

/** A file in which people chose a name in every section of names. */
const everyName = {
  checks: { test: {} },
  providers: { router: {} },
  models: { one: { takes: { headers: { beta: "x" } } } },
  review: { thresholds: { severity: { high: 1 }, category: { bug: 1 } } },
  auth: { oidc: { roles: { a: "agent" }, projects: { a: [] } } },
  limits: { projects: { shop: {} } },
};

function explain(
  text: string,
  more: Partial<ExplainRequest> = {},
): (name: string) => ExplainedSetting | undefined {
  const rows = explainSettings({
    worktree: { file: "skein.yml", text, branch: null },
    committed: null,
    env: {},
    flags: {},
    dotEnv: new Map(),
    ...more,
  });
  return (name) => rows.find((row) => row.name === name);
}

describe("defaults", () => {
  test("are told for every setting of the schema, and for nothing else", () => {
    const patterns = [everyName, { models: { one: {} } }, {}]
      .flatMap((file) => settingNames([file]))
      .map(({ pattern }) => pattern);

    expect(Object.keys(defaults).toSorted()).toEqual([...new Set(patterns)].toSorted());
  });

  test("mean the same when they are written into the file", () => {
    const file: Record<string, Record<string, unknown>> = {};
    for (const [pattern, usual] of Object.entries(defaults)) {
      const parts = pattern.split(".");
      if ("value" in usual && !parts.includes("*") && parts[0] !== "auth") {
        put(file, parts, usual.value);
      }
    }

    expect(toSettings(settingsSchema.parse(file))).toEqual(toSettings({}));
  });
});

function put(
  into: Record<string, unknown>,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner: Record<string, unknown> = {};
  const there = into[key];
  into[key] = Object.assign(inner, there);
  put(inner, rest, value);
}

describe("explainSettings", () => {
  test("names the highest rank, and what it hides", () => {
    const at = explain("leases:\n  minutes: 20\n", {
      flags: { "leases.minutes": "5" },
      env: { SKEIN_LEASES_MINUTES: "10" },
      dotEnv: new Map([["leases.minutes", { text: "15", line: 3 }]]),
    });

    expect(at("leases.minutes")).toMatchObject({
      value: 5,
      origin: "flag",
      hides: [
        { origin: "env", where: "SKEIN_LEASES_MINUTES", value: 10 },
        { origin: "dotenv", where: ".env:3", value: 15 },
        { origin: "file", where: "skein.yml:2", value: 20 },
      ],
    });
    expect(at("leases.case_insensitive")).toMatchObject({ value: "auto", origin: "default" });
  });

  test("tells what counts as committed by the committed file, and what the worktree says beside it", () => {
    const at = explain("budget_usd: 50\nbranches: { protected: [x] }\n", {
      committed: { file: "skein.yml", text: "budget_usd: 5\n", branch: "main" },
      env: { SKEIN_BUDGET_USD: "9" },
    });

    expect(at("budget_usd")).toMatchObject({
      value: 5,
      origin: "committed",
      where: "main:skein.yml:1",
      hides: [],
      variable: null,
    });
    expect(at("budget_usd")?.note).toBe(
      "skein.yml:1 says 50; it counts once it is committed on the default branch.",
    );
    expect(at("branches.protected")?.note).toContain("that counts as well");
  });

  test("shows of a secret where it is, and never what a program is given", () => {
    const at = explain(
      `providers: { r: { kind: anthropic, api_key: "cmd:vault read -token=s3cret key" } }
models: { m: { provider: r, id: a, takes: { headers: { X-Extra: s3cret } } } }
`,
      {
        committed: {
          file: "skein.yml",
          branch: "main",
          text: `providers: { r: { kind: anthropic, api_key: "cmd:vault read -token=s3cret key" } }
models: { m: { provider: r, id: a, takes: { headers: { X-Extra: s3cret } } } }
`,
        },
      },
    );

    expect(at("providers.r.api_key")?.value).toBe("cmd:vault …");
    expect(at("models.m.takes.headers.X-Extra")?.value).toBe("(set)");
  });
});

describe("shownReference", () => {
  test.each([
    ["env:NAME", "env:NAME"],
    ["file:/run/x", "file:/run/x"],
    ["cmd:pass show x", "cmd:pass …"],
    ["postgres://u:pw@h:5432/db?password=pw", "postgres://h:5432/db"],
    ["https://a:b@s.example/p/x?token=pw", "https://s.example/p/x"],
    ["sqlite", "sqlite"],
    ["s3cret", "(set)"],
  ])("shows %s as %s", (text, shown) => {
    expect(shownReference(text)).toBe(shown);
  });
});

import { describe, expect, test } from "vitest";
import { defaults } from "../../src/settings/explain/defaults.ts";
import { explainSettings } from "../../src/settings/explain/explain.ts";
import type { ExplainedSetting, ExplainRequest } from "../../src/settings/explain/explain.ts";
import { settingNames } from "../../src/settings/explain/names.ts";
import { countsAsCommitted, noteOn } from "../../src/settings/explain/ranks.ts";
import { shownReference, shownValue } from "../../src/settings/explain/shown.ts";
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

describe("countsAsCommitted", () => {
  test("is true of all but what the worktree's file says for itself", () => {
    const names = settingNames([{}]).map(({ path }) => path.join("."));
    const ofWorktree = names.filter((name) => !countsAsCommitted(name));
    const sections = ["store", "leases", "server", "bus", "audit", "limits"];

    expect(
      ofWorktree.filter((name) => !sections.includes(name.split(".")[0] ?? "")).toSorted(),
    ).toEqual(["features.sequential_fallback", "integration.branch", "integration.method"]);
    expect(names.filter((name) => countsAsCommitted(name))).not.toContainEqual(
      expect.stringMatching(`^(?:${sections.join("|")})`),
    );
  });
});

describe("noteOn", () => {
  test.each([
    ["server.url", "A proposal"],
    ["server.token", "A proposal"],
    ["store.url", "A proposal"],
    ["auth.public_url", "`skein serve --auth`"],
    ["profile", "the committed file alone"],
  ])("says of %s, where it is set, that it is: %s", (name, words) => {
    expect(noteOn(name, true)).toContain(words);
    expect(noteOn(name, false)).toBeNull();
  });

  test("says nothing of others", () => {
    expect(["store.project", "leases.minutes"].map((name) => noteOn(name, true))).toEqual([
      null,
      null,
    ]);
  });
});

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

describe("shownValue", () => {
  test.each([
    "store.url",
    "server.token",
    "bus.url",
    "audit.key",
    "providers.*.api_key",
    "providers.*.base_url",
    "server.url",
    "auth.public_url",
    "auth.oidc.issuer",
    "auth.oidc.jwks_uri",
  ])("shows of %s nothing that lets somebody in", (pattern) => {
    expect(Object.keys(defaults).includes(pattern)).toBe(true);
    expect(shownValue(pattern, "https://u:s3cret@h.example/p?token=s3cret")).toBe(
      "https://h.example/p",
    );
    expect(shownValue(pattern, "s3cret")).toBe("(set)");
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

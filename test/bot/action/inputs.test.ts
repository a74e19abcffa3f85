import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { actionManifest } from "../../../scripts/action-manifest.ts";
import { actionInputs } from "../../../src/bot/action/input-table.ts";
import { readInputs, secretsOfInputs, variableOfInput } from "../../../src/bot/action/inputs.ts";
import { presetNames, severities } from "../../../src/core/review/index.ts";
import { plainWishes } from "../contexts.ts";

function given(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [variableOfInput(name), value]),
  );
}

describe("action.yml", () => {
  test("is what the table of inputs says", () => {
    expect(readFileSync("action.yml", "utf8")).toBe(actionManifest());
  });

  test("has an input in kebab-case with a description for each", () => {
    for (const [name, { description }] of Object.entries(actionInputs)) {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(description).toMatch(/^[A-Z`].{20,}\.$/);
    }
  });

  test("offers the words of reviews as they are", () => {
    expect(actionInputs.preset.wanted).toBe(`one of ${presetNames.join(", ")}`);
    expect(actionInputs["severity-floor"].wanted).toBe(`one of ${severities.join(", ")}`);
  });
});

const databaseAddress = "an address as `postgres://user:password@host:port/name`";
const serverAddress = "an https address without name, password, query or fragment";

describe("readInputs", () => {
  test("leaves every choice to the settings when nothing is given", () => {
    expect(readInputs({})).toEqual({
      wishes: plainWishes,
      githubToken: null,
      stateKey: null,
      serverToken: null,
      databaseUrl: null,
      handoverPath: "skein-handover.json",
    });
  });

  test("reads what the defaults of action.yml give", () => {
    const defaults = Object.entries(actionInputs).map(([name, { fallback }]) => [name, fallback]);

    const { wishes } = readInputs({
      ...given(Object.fromEntries(defaults)),
      ...given({ "github-token": "ghs_1" }),
    });

    expect(wishes).toEqual(plainWishes);
  });

  test("reads each input", () => {
    const { wishes, githubToken, handoverPath } = readInputs(
      given({
        mode: "review",
        stage: "think",
        "handover-path": "/tmp/h.json",
        "github-token": " ghs_1 ",
        "anthropic-api-key": "sk-ant-1",
        "openai-base-url": "https://gateway.example/v1",
        config: ".github/skein.yml",
        preset: "quick",
        "budget-usd": "0.25",
        "max-comments": "0",
        "severity-floor": "high",
        include: "src/**\n\n lib/** ",
        exclude: "dist/**, *.lock",
        sticky: "false",
        "dry-run": "true",
      }),
    );

    expect({ wishes, githubToken, handoverPath }).toEqual({
      wishes: {
        mode: "review",
        stage: "think",
        config: ".github/skein.yml",
        preset: "quick",
        budgetMicroUsd: 250_000,
        maxComments: 0,
        severityFloor: "high",
        include: ["src/**", "lib/**"],
        exclude: ["dist/**", "*.lock"],
        isSticky: false,
        isDryRun: true,
        serverUrl: null,
        anthropic: { apiKey: "sk-ant-1", baseUrl: null },
        openai: { apiKey: null, baseUrl: "https://gateway.example/v1" },
      },
      githubToken: "ghs_1",
      handoverPath: "/tmp/h.json",
    });
  });

  test.each([
    ["mode", "everything", "one of auto, plan, review, rules, command"],
    ["stage", "All", "one of all, collect, reserve, think, publish"],
    ["config", "../skein.yml", "the path of a YAML file inside the repository"],
    ["config", "/etc/passwd", "the path of a YAML file inside the repository"],
    ["preset", "huge", "one of critical, balanced, fast, quick"],
    ["budget-usd", "-1", "a number from 0 to 10000"],
    ["budget-usd", "10001", "a number from 0 to 10000"],
    ["budget-usd", "1e9", "a number from 0 to 10000"],
    ["max-comments", "31", "a whole number from 0 to 30"],
    ["max-comments", "2.5", "a whole number from 0 to 30"],
    ["severity-floor", "awful", "one of critical, high, medium, low"],
    ["sticky", "yes", "`true` or `false`"],
    ["openai-base-url", "http://gateway.example", "an https address"],
    ["openai-base-url", "https://me:pw@gateway.example", "an https address"],
    ["anthropic-base-url", "file:///etc/passwd", "an https address"],
    ["skein-url", "http://skein.example/p/shop", serverAddress],
    ["skein-url", "https://me:pw@skein.example", serverAddress],
    ["skein-url", "https://skein.example/?token=x", serverAddress],
    ["skein-token", "two words", "one word without spaces"],
    ["database-url", "mysql://db/skein", databaseAddress],
    ["database-url", "postgres://db/a b", databaseAddress],
    ["database-url", "postgres://", databaseAddress],
    ["include", "a".repeat(501), "at most 200 patterns of at most 500 characters"],
    ["openai-api-key", "sk 1", "one word without spaces"],
  ])("refuses %s: %s", (name, value, wanted) => {
    expect(() => readInputs(given({ [name]: value }))).toThrow(
      expect.objectContaining({
        code: "SKN-1941",
        message: `The input \`${name}\` is wrong: it has to be ${wanted}.`,
      }),
    );
  });

  test.each([
    ["collect", given({ "anthropic-api-key": "sk-ant-1" }), "anthropic-api-key"],
    ["publish", given({ "openai-api-key": "sk-1" }), "openai-api-key"],
    ["publish", { ANTHROPIC_API_KEY: "sk-ant-1" }, "ANTHROPIC_API_KEY"],
  ])("refuses a key to a model in the stage %s", (stage, keys, name) => {
    expect(() => readInputs({ ...given({ stage }), ...keys })).toThrow(
      expect.objectContaining({ code: "SKN-8942", message: expect.stringContaining(name) }),
    );
  });

  test("lets every stage have a database but the one that holds no secret", () => {
    const url = "postgres://skein:geheim@db.example/skein?sslmode=verify-full";
    const read = (stage: string): string | null =>
      readInputs(given({ stage, "database-url": url })).databaseUrl;

    expect(["all", "reserve", "think", "publish"].map(read)).toEqual([url, url, url, url]);
    expect(() => read("collect")).toThrow(
      expect.objectContaining({ code: "SKN-8942", message: expect.not.stringContaining("geheim") }),
    );
  });

  test.each(["all", "reserve", "think", "publish"])(
    "lets the stage %s sign what is kept",
    (stage) => {
      expect(readInputs(given({ stage, "state-key": "geheim" })).stateKey).toBe("geheim");
    },
  );

  test("refuses what signs to the stage that holds no secret", () => {
    expect(() => readInputs(given({ stage: "collect", "state-key": "geheim" }))).toThrow(
      expect.objectContaining({
        code: "SKN-8942",
        message: "`stage: collect` must not hold state-key.",
      }),
    );
  });

  test("masks the password of an address as it is written and as it is meant", () => {
    const url = "postgres://skein:ge%2Fheim@db.example/skein";

    expect(secretsOfInputs(given({ "database-url": url }))).toEqual([url, "ge%2Fheim", "ge/heim"]);
  });

  test.each(["collect", "reserve", "think", "publish"])(
    "refuses the token of a server in the stage %s, which judges by no rules",
    (stage) => {
      expect(() => readInputs(given({ stage, "skein-token": "skein_1" }))).toThrow(
        expect.objectContaining({
          code: "SKN-8942",
          message: `\`stage: ${stage}\` must not hold skein-token.`,
        }),
      );
    },
  );

  test("reads a server, with its token apart", () => {
    const url = "https://skein.example/p/shop";
    const { wishes, serverToken } = readInputs(
      given({ "skein-url": url, "skein-token": "skein_1" }),
    );

    expect(wishes.serverUrl).toBe(url);
    expect(serverToken).toBe("skein_1");
    expect(JSON.stringify(wishes)).not.toContain("skein_1");
  });

  test("names every secret, so that it is masked", () => {
    const secrets = secretsOfInputs(
      given({
        "github-token": "ghs_1",
        "openai-api-key": " sk-1 ",
        "skein-token": "skein_1",
        mode: "plan",
      }),
    );

    expect(secrets).toEqual(["ghs_1", "sk-1", "skein_1"]);
  });
});

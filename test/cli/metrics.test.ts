import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCaller, next } from "../support/coordination.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

let server: ModelServer;
let reviewed: CommandLine;

beforeAll(async () => {
  server = await startModelServer({ reply: scriptedReviewer({ finds: true, invents: false }) });
  reviewed = aBranchToReview(settingsFor(server, server));
  await reviewed.skein("review --preset fast", { env: reviewEnv });
});

afterAll(async () => {
  await server.close();
  removeRepositories();
});

/** The rows of a list in a document that were told about something. */
function rowsOf(
  document: Readonly<Record<string, unknown>>,
  list: string,
): readonly Readonly<Record<string, unknown>>[] {
  const rows: unknown = document[list];
  return Array.isArray(rows) ? rows : [];
}

async function kpiOf(line: CommandLine, name: string): Promise<unknown> {
  return rowsOf(await line.json("kpi"), "kpis").find((kpi) => kpi["name"] === name);
}

describe("skein metrics", () => {
  test("tells the calls of a review that another process made, with the memory of that process", async () => {
    const { calls } = server;
    const told = rowsOf(await reviewed.json("metrics"), "metrics");

    const answered = told.filter(({ name }) => name === "model_call");
    expect(answered.length).toBeGreaterThan(0);
    expect(answered.reduce((sum, { count }) => sum + Number(count), 0)).toBe(calls.length);
    expect(told.find(({ name }) => name === "process_memory")).toMatchObject({
      unit: "bytes",
      count: 1,
    });
    for (const row of answered) {
      expect(Number(row["p50"])).toBeLessThanOrEqual(Number(row["p99"]));
      expect(row["labels"]).toMatchObject({ outcome: "ok" });
    }
  });

  test("shows a table, the days, and what the reviewers agreed on", async () => {
    const { out, code } = await reviewed.skein("metrics --since 7d");

    expect(code).toBe(0);
    expect(out).toMatch(/^METRIC +COUNT +MEAN +P50 +P95 +P99 +TREND\n/u);
    expect(out).toMatch(
      /^DAY +DONE +UNDONE +COMPLETION +RETRIED +STEP MEAN +STEP P95 +PARALLEL +CALLS +USD/mu,
    );
    expect(out).toMatch(/^90-100 % +[1-9]/mu);
    expect(out).toMatch(/^models: (?:small|medium|large) /mu);
  });

  test("prints Prometheus's text format, in seconds and bytes", async () => {
    const { out } = await reviewed.skein("metrics --prometheus");

    expect(out).toContain("# TYPE skein_model_call_seconds summary");
    expect(out).toMatch(/^skein_model_call_seconds\{[^}]*quantile="0\.95"\} \d/mu);
    expect(out).toMatch(/^skein_model_call_seconds_count\{[^}]*outcome="ok"[^}]*\} \d+$/mu);
    for (const line of out.trimEnd().split("\n")) {
      expect(line).toMatch(/^(?:# TYPE skein_\w+ summary|skein_\w+(?:\{.*\})? [\d.e+-]+)$/u);
    }
  });

  test("says that nothing was measured", async () => {
    const line = aCommandLine({ "plan.yml": twoTasks });
    await line.skein("plan import plan.yml");

    expect((await line.skein("metrics")).out).toBe("Nothing was measured in this time.\n");
    expect((await line.skein("metrics --since yesterday")).code).toBe(2);
  });
});

describe("skein kpi", () => {
  test("judges what was measured, says from how much, and invents nothing", async () => {
    expect(await kpiOf(reviewed, "api_success")).toMatchObject({ value: 100, state: "ok" });
    expect(await kpiOf(reviewed, "memory")).toMatchObject({ state: "ok", unit: "bytes" });
    expect(await kpiOf(reviewed, "consensus_quality")).toMatchObject({ state: "ok" });
    expect(await kpiOf(reviewed, "pool_use")).toMatchObject({
      value: null,
      state: "no-data",
      samples: 0,
    });
  });

  test("ends with 0, and raises a line of the status, when one is critical", async () => {
    const blocked = ["B", "C", "D", "E", "F"].map((id) => `- { id: ${id}, depends_on: [A] }`);
    const line = aCommandLine({
      "plan.yml": `plan: demo\ntasks:\n${["- { id: A }", ...blocked].map((row) => `  ${row.replace(" }", ", title: Do }")}`).join("\n")}\n`,
    });
    await line.skein("plan import plan.yml");
    const before = await line.skein("status");
    await line.skein(["task", "cancel", "A", "--reason", "wrong", "--yes"]);

    const { out, code } = await line.skein("kpi");

    expect(code).toBe(0);
    expect(out).toMatch(/^Plan completion +0 % +at least 90 % +critical +5$/mu);
    expect(out).toContain("Beyond the limit:\n  Plan completion (critical).");
    expect(before.out).not.toContain("Needs a person");
    expect((await line.json("status"))["needs_person"]).toEqual([
      {
        text: "Plan completion is 0 %: the target is at least 90 %",
        next: "skein kpi --since 24h",
      },
    ]);
  });
});

describe("skein status", () => {
  test("tells of a budget that is nearly used up as a claim of it is told", async () => {
    const line = aCommandLine({
      "plan.yml":
        "plan: demo\nbudget_usd: 1\ntasks:\n  - { id: A, title: Do, files: [a], minutes: 45 }\n",
    });
    await line.skein("plan import plan.yml");
    const before = await line.skein("status");
    const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
    await skein.dispatch.nextTask(next(aCaller("ada")));
    await skein.close();

    const after = await line.skein("status");

    const warning = "The budget of plan:demo is nearly used up: 0.90 of 1.00 USD";
    expect([before.out.includes(warning), after.out.includes(warning)]).toEqual([false, true]);
  });
});

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { deployFiles } from "../../../scripts/deploy-files.ts";
import { dashboards } from "../../../scripts/deploy/dashboards.ts";
import { histogramsOf } from "../../../src/core/metrics/index.ts";
import { readGauges } from "../../../src/core/index.ts";
import { createStand } from "../../support/coordination.ts";
import { createHttpStand } from "../../support/http-stand.ts";
import type { HttpStand } from "../../support/http-stand.ts";
import { openMemoryStore } from "../../support/stores.ts";

const rulesPath = "deploy/prometheus/skein.rules.yaml";

const rules = z
  .object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            for: z.string().optional(),
            labels: z.object({ severity: z.enum(["info", "warning", "critical"]) }),
            annotations: z.object({
              summary: z.string(),
              description: z.string(),
              runbook_url: z.string(),
            }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(readFileSync(rulesPath, "utf8")))
  .groups.flatMap((group) => group.rules);

const cases = z
  .object({ tests: z.array(z.object({ name: z.string() })) })
  .parse(parse(readFileSync("deploy/prometheus/skein.rules.test.yaml", "utf8")))
  .tests.map(({ name }) => name);

let stand: HttpStand;
let exposed: ReadonlySet<string>;

beforeAll(async () => {
  stand = await createHttpStand();
  await stand.call("look", { at: "board" });
  const { text } = await stand.ask("metrics");
  // Some have no value in a project without models, budgets and refusals: they are told by the same functions.
  const { store, ...parts } = await createStand(openMemoryStore);
  const gauges = await store.read(async (reader) => readGauges(parts, reader));
  const histograms = histogramsOf([]);
  exposed = new Set([
    ...Array.from(text.matchAll(/^# TYPE (\w+) (?:gauge|counter)$/gmu), ([, name]) => name ?? ""),
    ...Array.from(text.matchAll(/^# TYPE (\w+) histogram$/gmu), ([, name]) => name ?? "").flatMap(
      histogramNames,
    ),
    ...gauges.map(({ name }) => name),
    ...histograms.flatMap(({ name }) => histogramNames(name)),
    "skein_refusals_total",
    "skein_backup_age_seconds",
    "skein_audit_chain_ok",
    "skein_audit_check_age_seconds",
  ]);
});

afterAll(async () => {
  await stand.close();
});

function histogramNames(name: string): readonly string[] {
  return ["bucket", "sum", "count"].map((part) => `${name}_${part}`);
}

function metricsIn(expr: string): readonly string[] {
  return Array.from(expr.matchAll(/\bskein_\w+/gu), ([name]) => name);
}

describe("the alerts", () => {
  test("are at least ten, and each has a case that fires and one that does not", () => {
    expect(rules.length).toBeGreaterThanOrEqual(10);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(cases.toSorted()).toEqual(
      rules.flatMap(({ alert }) => [`${alert} does not fire`, `${alert} fires`]).toSorted(),
    );
  });

  test.skipIf(spawnSync("promtool", ["--version"]).status !== 0)(
    "fire where they should, and only there, as promtool tries them",
    () => {
      const tried = spawnSync("promtool", ["test", "rules", "skein.rules.test.yaml"], {
        cwd: "deploy/prometheus",
        encoding: "utf8",
        // It crashes where another test has left it a folder for temporary files that is gone.
        env: { PATH: process.env["PATH"] },
      });

      expect(tried.stdout + tried.stderr).toContain("SUCCESS");
      expect(tried.status).toBe(0);
    },
  );

  test("ask only for metrics that a server tells", () => {
    const asked = rules.flatMap(({ expr }) => metricsIn(expr));

    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !exposed.has(name))).toEqual([]);
  });

  test("lead to an entry of the operations page that bears their name", () => {
    const headings = Array.from(
      readFileSync("docs/operations.md", "utf8").matchAll(/^#+ (.+)$/gmu),
      ([, heading = ""]) => heading,
    );

    for (const { alert, annotations } of rules) {
      expect(headings).toContain(alert);
      expect(annotations.runbook_url).toBe(
        `https://unpkg.com/skein/docs/operations.md#${alert.toLowerCase()}`,
      );
    }
  });
});

describe("the dashboards", () => {
  test("are four, with stable ids, and ask only for metrics that a server tells", () => {
    const boards = Object.values(dashboards);
    const asked = boards.flatMap(({ panels }) =>
      panels.flatMap(({ queries }) => queries.flatMap(({ expr }) => metricsIn(expr))),
    );

    expect(Object.keys(dashboards)).toEqual(["overview", "agents", "cost", "errors"]);
    expect(boards.map(({ uid }) => uid)).toEqual([
      "skein-overview",
      "skein-agents",
      "skein-cost",
      "skein-errors",
    ]);
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((name) => !exposed.has(name))).toEqual([]);
  });

  test("show every metric that a server tells somewhere, or in an alert", () => {
    const asked = new Set(
      [
        ...Object.values(dashboards).flatMap(({ panels }) =>
          panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
        ),
        ...rules.map(({ expr }) => expr),
      ].flatMap(metricsIn),
    );
    const isShown = (name: string): boolean =>
      asked.has(name) ||
      histogramNames(name.replace(/_(?:bucket|sum|count)$/u, "")).some((each) => asked.has(each));

    // What these say is told by others as well.
    const beside = ["skein_uptime_seconds", "skein_open_projects", "skein_plans"];
    expect([...exposed].filter((name) => !isShown(name)).toSorted()).toEqual(beside.toSorted());
  });

  test("and what the chart takes over are as `npm run deploy:files` writes them", () => {
    for (const [path, text] of deployFiles()) {
      expect(readFileSync(path, "utf8"), path).toBe(text);
    }
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { actionInputs, actionOutputs } from "../../src/bot/action/input-table.ts";
import { loadSettings } from "../../src/settings.ts";
import { lintWorkflow } from "../support/workflow-lint.ts";
import { loadWorkflowParser } from "../support/workflow-parser.ts";

const files = [".github/workflows", "examples/github"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name !== "skein.yml" || folder.startsWith("."))
    .map((name) => `${folder}/${name}`),
);

/** One job that does all holds keys and may write: the example says for whom. */
const excused: Readonly<Record<string, string>> = {
  "examples/github/one-job.yml": "shared-powers",
};

const shape = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.record(z.string(), z.string()),
      outputs: z.record(z.string(), z.string()).default({}),
      steps: z.array(
        z.object({
          id: z.string().default(""),
          uses: z.string().default(""),
          with: z.record(z.string(), z.unknown()).default({}),
        }),
      ),
    }),
  ),
});

const check = loadWorkflowParser();

describe.each(files)("%s", (path) => {
  const text = readFileSync(path, "utf8");

  test("is a workflow to GitHub's own parser", async () => {
    expect(await check(path, text)).toEqual([]);
  });

  test("breaks no rule", () => {
    const found = lintWorkflow(text).filter(({ rule }) => rule !== excused[path]);

    expect(found).toEqual([]);
  });

  test("gives Skein only inputs that it has, and takes only outputs that it has", () => {
    const { jobs } = shape.parse(parse(text));
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const own = steps.filter(({ uses }) => uses === "./" || uses.startsWith("OWNER/skein@"));
    const taken = [...text.matchAll(/steps\.skein\.outputs\.([\w-]+)/g)].map(([, name]) => name);

    expect(
      own
        .flatMap((step) => Object.keys(step.with))
        .filter((name) => !Object.hasOwn(actionInputs, name)),
    ).toEqual([]);
    expect(taken.filter((name = "") => !Object.hasOwn(actionOutputs, name))).toEqual([]);
  });
});

test.each([
  ["a key that no job has", "    timeout-minutes: 10", "    timeout-minuets: 10"],
  ["an expression that does not end", "${{ inputs.mode || 'auto' }}", "${{ inputs.mode || }}"],
  ["a job that needs one that is not there", "needs: collect", "needs: gather"],
  ["a power that GitHub does not have", "contents: read", "contents: admin"],
])("GitHub's own parser finds %s", async (_, from, to) => {
  const text = readFileSync("examples/github/three-jobs.yml", "utf8");
  const planted = text.replace(from, () => to);

  expect(planted).not.toBe(text);
  expect((await check("planted.yml", planted)).length).toBeGreaterThan(0);
});

/** What jobs may write. A new power is a change of this table, with a reason in the change's description. */
const powers: Readonly<Record<string, readonly string[]>> = {
  ".github/workflows/check.yml": [],
  ".github/workflows/release.yml": ["publish: id-token"],
  ".github/workflows/skein.yml": threeJobPowers(),
  "examples/github/three-jobs.yml": threeJobPowers(),
  "examples/github/one-job.yml": ["skein: issues", "skein: pull-requests", "skein: checks"],
};

function threeJobPowers(): readonly string[] {
  return [
    "rules: issues",
    "rules: checks",
    ...["reserve", "publish"].flatMap((job) =>
      ["issues", "pull-requests", "checks"].map((scope) => `${job}: ${scope}`),
    ),
  ];
}

test("every job writes only what the table of powers says", () => {
  const found = files.map((path) => {
    const { jobs } = shape.parse(parse(readFileSync(path, "utf8")));
    const writes = Object.entries(jobs).flatMap(([name, { permissions }]) =>
      Object.entries(permissions).flatMap(([scope, level]) =>
        level === "write" ? [`${name}: ${scope}`] : [],
      ),
    );
    return [path, writes];
  });

  expect(Object.fromEntries(found)).toEqual(powers);
});

test.each([
  ["pull_request", "synchronize", "rules"],
  ["merge_group", "checks_requested", "rules"],
  ["workflow_dispatch", null, "rules"],
  ["pull_request", "closed", "auto"],
  ["issues", "closed", "auto"],
  ["check_run", "completed", "auto"],
  ["push", null, "auto"],
  ["schedule", null, "auto"],
])("the job that judges has on %s, %s, the mode %s", (name, action, mode) => {
  const { jobs } = shape.parse(parse(readFileSync("examples/github/three-jobs.yml", "utf8")));
  const written = String(jobs["rules"]?.steps.at(-1)?.with["mode"]);
  const expression = /^\$\{\{(.*)\}\}$/u.exec(written)?.[1] ?? "";

  // Of these operators JavaScript thinks as GitHub does.
  const github = { event_name: name, event: { action } };
  expect(runInNewContext(expression, { github })).toBe(mode);
});

test("this repository runs the workflow that it gives as an example", () => {
  const own = readFileSync(".github/workflows/skein.yml", "utf8");
  const example = readFileSync("examples/github/three-jobs.yml", "utf8");

  expect(bodyOf(own).replaceAll("uses: ./\n", "uses: SKEIN\n")).toBe(
    bodyOf(example).replaceAll(/uses: OWNER\/skein@0{40} # v\d+\.\d+\.\d+\n/g, "uses: SKEIN\n"),
  );
});

test("the settings beside the example workflows are understood, each of them", async () => {
  const text = readFileSync("examples/github/skein.yml", "utf8");

  const { settings } = await loadSettings({ root: "examples", env: {}, text });

  expect([...settings.models.keys()]).toEqual(["sonnet", "gpt"]);
  expect(settings.review.preset).toBe("balanced");
});

/** Without the comment at its head. */
function bodyOf(text: string): string {
  return text.slice(text.indexOf("\nname: skein\n"));
}

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildAction } from "../../scripts/action-bundle.ts";
import { node240 } from "../../scripts/first-node.ts";
import { aPayload } from "../bot/contexts.ts";
import { createRunner } from "../support/action-process.ts";
import type { ActionEnd, ActionRun, Runner } from "../support/action-process.ts";

/** As the handler of these tests lets it slip: in the form of a token of GitHub, and no token. */
const planted = ["ghp", "x7Kq2mVb9Tn4Rw8Yc3Lf6Hd1Js5Gp0ZaQeUi"].join("_");
const released = "dist/action/index.mjs";
const main = join(process.cwd(), released);
let folder = "";
let probe = "";
let runner: Runner;

/** The project's own Node, and the first of its line where `npm run action:nodes` has fetched it. */
const nodes = [["the project's Node", process.execPath] as const, ...node240()];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-bundle-"));
  probe = join(folder, "index.mjs");
  await buildAction({ entry: "test/support/action-handlers.ts", folder });
  runner = createRunner();
});

afterAll(() => {
  runner.remove();
  rmSync(folder, { recursive: true });
});

async function act(name: string, odd: Partial<ActionRun> = {}): Promise<ActionEnd> {
  return runner.run(probe, {
    eventName: "push",
    payload: aPayload(null),
    ...odd,
    // A push calls for more than the one handler that is tried.
    inputs: { mode: "rules", ...odd.inputs },
    env: { TEST_ACT: name, ...odd.env },
  });
}

describe("the bundle", () => {
  test("is whole: it runs where no package is installed", async () => {
    const { code, said } = await act("store");

    expect(existsSync(join(folder, "node_modules"))).toBe(false);
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("Kept R1.") });
  });

  test("holds nothing native, no package that is looked for beside it, and no path of the machine that built it", () => {
    const files = readdirSync(folder);
    const text = files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");

    expect(files.filter((name) => !/\.mjs$|^licenses\.txt$/.test(name))).toEqual([]);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toMatch(/from\s*"(?:better-sqlite3|pg)"/);
    expect(text).toContain("Permission is hereby granted");
  });

  test("is the same, byte for byte, from every build", async () => {
    const again = mkdtempSync(join(tmpdir(), "skein-bundle-"));
    await buildAction({ entry: "test/support/action-handlers.ts", folder: again });

    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(again, name)).equals(readFileSync(join(folder, name)))).toBe(true);
    }
    rmSync(again, { recursive: true });
  });
});

describe.each(nodes)("the Action on %s", (_, node) => {
  test("is neutral, and says so, about an event that nothing is done for", async () => {
    const ended = await runner.run(main, { node, eventName: "fork", payload: aPayload(null) });

    expect(ended).toMatchObject({
      code: 0,
      summary: "### Skein: neutral\n\nSkein has nothing to do on `fork`.\n",
      outputs: { conclusion: "neutral", title: "Skein has nothing to do on `fork`.", findings: "" },
    });
    expect(ended.said).not.toContain("ExperimentalWarning");
  });

  test("has a store in memory", async () => {
    expect(await act("store", { node })).toMatchObject({
      code: 0,
      outputs: { conclusion: "success", title: "Kept R1." },
    });
  });

  test("lets no secret out, and masks its own", async () => {
    const inputs = {
      "github-token": "ghs_0123456789abc",
      "anthropic-api-key": "sk-ant-0123456789",
    };

    const { code, said, summary, outputs } = await act("leak", { node, inputs });

    const masks = said.split("\n").filter((line) => line.startsWith("::add-mask::"));
    const rest = [said.replaceAll(/^::add-mask::.*$/gmu, ""), summary, outputs["title"]].join("\n");
    expect(code).toBe(0);
    expect(masks).toEqual(Object.values(inputs).map((secret) => `::add-mask::${secret}`));
    for (const secret of [...Object.values(inputs), planted]) {
      expect(rest).not.toContain(secret);
    }
    expect(summary).toContain("Summary: token ");
  });

  test("shows no input and no token of the runner to a child", async () => {
    const { outputs } = await act("child", {
      node,
      inputs: { "openai-api-key": "sk-0123456789", mode: "rules" },
      env: { ACTIONS_RUNTIME_TOKEN: "runtime", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "id" },
    });

    expect(outputs["title"]).toContain("GITHUB_RUN_ID=12");
    expect(outputs["title"]).not.toMatch(/INPUT_|ACTIONS_RUNTIME|ID_TOKEN|sk-0123456789/);
  });
});

describe("the Action", () => {
  test("fails its step for what a handler found", async () => {
    const { code, said, outputs } = await act("fail");

    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { conclusion: "failure" } });
    expect(said).toContain("::error title=Skein::Two findings block.");
  });

  test("tells a broken promise with its code and the next step, and makes its words safe", async () => {
    const { code, said, summary, outputs } = await act("broken");

    expect(code).toBe(1);
    expect(said).toContain("::error title=SKN-2941::A promise | was <b>broken</b>. Start Skein");
    expect(outputs).toMatchObject({ conclusion: "failure" });
    expect(summary).toContain("### Skein failed: SKN-2941");
    expect(summary).not.toContain("<b>");
  });

  test("keeps the words of a bug in the debug log, under an id", async () => {
    const { code, said, summary } = await act("bug");

    expect(code).toBe(1);
    expect(said).toMatch(/::error title=SKN-0941::Internal error [0-9a-f]{8}\./);
    expect(said.replaceAll(/^::debug::.*$/gmu, "")).not.toContain("somebody else");
    expect(summary).not.toContain("somebody else");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends in order when the job is cancelled with %s", async (signal, code) => {
    const ended = await act("hang", {
      onSaid: { text: "hanging", act: (child) => child.kill(signal) },
    });

    expect(ended).toMatchObject({ code, outputs: { conclusion: "failure" } });
    expect(ended.said).toContain("::error title=SKN-9941::The job was cancelled.");
  });

  test("names the input that is wrong", async () => {
    const ended = await runner.run(main, {
      eventName: "push",
      payload: aPayload(null),
      inputs: { "budget-usd": "lots" },
    });

    expect(ended.code).toBe(1);
    expect(ended.said).toContain("::error title=SKN-1941::The input `budget-usd` is wrong");
  });

  test("says so outside of a runner", async () => {
    const { code, said } = await runner.run(main, {
      eventName: "push",
      payload: null,
      env: { GITHUB_EVENT_NAME: "" },
    });

    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("SKN-2941") });
  });

  test("hands over from stage to stage, and only the last one fails", async () => {
    const event = { eventName: "pull_request", payload: aPayload("opened") };
    const stage = async (name: string): Promise<ActionEnd> =>
      runner.run(probe, { ...event, inputs: { stage: name } });

    const path = join(runner.workspace, "skein-handover.json");
    const [collect, think, publish] = [
      await stage("collect"),
      await stage("think"),
      await stage("publish"),
    ];

    expect([collect, think, publish].map(({ code, outputs }) => [code, outputs["title"]])).toEqual([
      [0, "Stage 1."],
      [0, "Stage 2."],
      [1, "Stage 3."],
    ]);
    expect(collect.outputs["handover-path"]).toBe(path);
    expect(publish.outputs["handover-path"]).toBe("");
  });

  test("refuses what was handed over for another head", async () => {
    const event = { eventName: "pull_request", payload: aPayload("opened") };
    await runner.run(probe, { ...event, inputs: { stage: "collect" } });
    const path = join(runner.workspace, "skein-handover.json");
    const file = readFileSync(path, "utf8");
    writeFileSync(path, file.replaceAll("a".repeat(40), "c".repeat(40)));

    const { code, said } = await runner.run(probe, { ...event, inputs: { stage: "think" } });

    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("SKN-8941") });
  });
});

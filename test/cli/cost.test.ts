import { afterAll, describe, expect, test } from "vitest";

import { csvText } from "../../src/cli/csv.ts";
import { parseSince } from "../../src/cli/since.ts";
import { visibleText } from "../../src/cli/visible.ts";
import { openProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

afterAll(removeRepositories);

interface Reported {
  readonly model: string;
  readonly microUsd: number;
  readonly attempt?: number | undefined;
}

/** A repository whose ledger holds some spends and a budget. */
async function aSpender(reported: readonly Reported[]): Promise<CommandLine> {
  const line = aCommandLine();
  const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
  await skein.store.write(async (tx) => {
    await skein.costs.setBudget(tx, {
      scope: "project",
      limitMicroUsd: 10_000_000,
      isHard: true,
      actor: "system",
    });
    for (const { model, microUsd, attempt = 1 } of reported) {
      await skein.costs.record(tx, {
        session: null,
        plan: "demo",
        task: "T1",
        fence: 1,
        attempt,
        usage: {
          model,
          microUsd,
          inputTokens: 10,
          outputTokens: 5,
          cacheReadTokens: 3,
          cacheWriteTokens: 1,
        },
        actor: "person:eve",
      });
    }
  });
  await skein.close();
  return line;
}

const some: readonly Reported[] = [
  { model: "gpt-5.5", microUsd: 1_000_000 },
  { model: "claude-opus-5", microUsd: 2_000_000 },
  { model: "gpt-5.5", microUsd: 2_991, attempt: 2 },
];

describe("skein cost", () => {
  test("tells what each resolved issue and each merged pull request has cost", async () => {
    const line = await aSpender(some);
    const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
    const reached = { isReached: true, actor: "system" } as const;
    await skein.store.write(async (tx) => {
      await skein.costs.recordOutcome(tx, { kind: "issue", number: 3, tasks: [], ...reached });
      await skein.costs.recordOutcome(tx, {
        kind: "pr",
        number: 7,
        tasks: ["demo/T1"],
        ...reached,
      });
    });
    await skein.close();

    const told = await line.skein("cost --by outcome");
    const always = await line.skein("cost");
    const csv = await line.skein("cost --by outcome --csv");

    expect(told.out).toContain(
      "3.002991 USD for each merged pull request (3.002991 USD for 1 merged).",
    );
    expect(told.out).toMatch(/pull request #7 +merged +3\.002991/u);
    expect(told.out).toMatch(/issue #3 +resolved +0/u);
    expect(always.out).toContain("for each merged pull request");
    expect(csv.out).toMatch(/^outcome,number,end,usd,day\n/u);
  });

  test("adds up by model, the dearest first, with retries apart and the budgets", async () => {
    const line = await aSpender(some);

    const printed = await line.json("cost --by model");

    expect(printed).toMatchObject({
      by: "model",
      since: null,
      total: { usd: 3.002991, retry_usd: 0.002991, input_tokens: 30, cache_tokens: 12, spends: 3 },
      rows: [
        { name: "claude-opus-5", usd: 2 },
        { name: "gpt-5.5", usd: 1.002991, retry_usd: 0.002991 },
      ],
      budgets: [{ scope: "project", limit_usd: 10, spent_usd: 3.002991, reserved_usd: 0 }],
    });
  });

  test("draws a chart on a terminal, whose longest bar is the dearest", async () => {
    const line = await aSpender(some);

    const { out } = await line.skein("cost --by model", { isTerminal: true });
    const bars = out.split("\n").map((row) => row.replaceAll(/[^█]/gu, "").length);

    expect(out).toContain("3.002991 USD in 3 lines of the ledger, of it 0.002991 in retries.");
    expect(bars.filter((length) => length > 0)).toEqual([24, 12]);
    expect(out).toMatch(/claude-opus-5 +█{24} +2\.00 +67 %/u);
  });

  test("prints plain lines where nobody looks, and says when nothing was spent", async () => {
    const line = await aSpender(some);
    const spent = await line.skein("cost");
    const nothing = await line.skein("cost --since 2999-01-01");

    expect(spent.out).toContain("3.002991  demo/T1\n");
    expect(spent.out).not.toContain("█");
    expect(nothing.out).toContain("Nothing was spent in this time.");
  });

  test("prints CSV in which no name is a formula", async () => {
    const line = await aSpender([
      { model: '=HYPERLINK("http://evil.example")', microUsd: 5 },
      { model: "@SUM(A1)", microUsd: 4 },
    ]);

    const { out } = await line.skein("cost --by model --csv");

    expect(visibleText(out)).toBe(out);
    expect(out.split("\n")).toEqual([
      "model,usd,retry_usd,failed_usd,estimated_usd,input_tokens,output_tokens,cache_tokens,spends",
      `"'=HYPERLINK(""http://evil.example"")",0.000005,0,0,0,10,5,4,1`,
      "'@SUM(A1),0.000004,0,0,0,10,5,4,1",
      "",
    ]);
  });

  test("refuses a span that is none", async () => {
    const { code, err } = await (await aSpender(some)).skein("cost --since yesterday");

    expect(code).toBe(2);
    expect(err).toContain("SKN-1005");
  });
});

describe("csvText", () => {
  test.each(["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\u{feff}=1", "|calc", "%0A"])(
    "keeps %j from being a formula",
    (text) => {
      expect(csvText(["a"], [[text]]).split("\n")[1]).toMatch(/^"?'/u);
    },
  );

  test("keeps numbers, also negative ones, and leaves nothing empty", () => {
    expect(csvText(["a", "b", "c"], [[-1.5, null, "x"]])).toBe("a,b,c\n-1.5,,x\n");
  });
});

describe("parseSince", () => {
  const nowMs = Date.UTC(2026, 10, 20, 12);

  test.each([
    ["24h", Date.UTC(2026, 10, 19, 12)],
    ["7d", Date.UTC(2026, 10, 13, 12)],
    ["4w", Date.UTC(2026, 9, 23, 12)],
    ["2026-11-01", Date.UTC(2026, 10, 1)],
  ])("reads %s", (text, expected) => {
    expect(parseSince(text, nowMs)).toBe(expected);
  });

  test.each(["2026-02-30", "7", "d", "-1d", "2026-11", "7D"])("refuses %s", (text) => {
    expect(() => parseSince(text, nowMs)).toThrow("--since");
  });
});

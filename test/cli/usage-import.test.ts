import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { removeRepositories } from "../adapters/git/repositories.ts";
import { claudeLine, codexCount, codexMeta, codexTurn } from "../core/costs/transcripts/records.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

afterAll(removeRepositories);

async function aProject(): Promise<CommandLine> {
  const line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
  return line;
}

/** A home folder with records in it. */
function aHome(records: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), "skein-home-"));
  for (const [path, text] of Object.entries(records)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return home;
}

const claudeAt = (cwd: string): string => claudeLine({ id: "msg_1" }).replace("/repo", cwd);
const codexAt = (cwd: string): string =>
  [codexMeta({ cwd }), codexTurn(), codexCount({ input: 1_000, cached: 0, output: 100 })].join(
    "\n",
  );

describe("skein usage import", () => {
  test("finds the records of this repository, counts them once, and shows them in skein cost", async () => {
    const line = await aProject();
    const { root } = line.repository;
    const home = aHome({
      ".claude/projects/-a/one.jsonl": claudeAt(join(root, "src")),
      ".claude/projects/-b/other.jsonl": claudeAt("/somewhere/else").replace("msg_1", "msg_9"),
      ".codex/sessions/2026/11/20/rollout-1.jsonl": codexAt(root),
      ".codex/sessions/2026/11/20/notes.txt": "nothing",
    });
    const env = { HOME: home };

    const first = await line.skein("usage import --json", { env });
    const second = await line.skein("usage import", { env });
    const bill = await line.json("cost --by model");

    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({
      files: 2,
      uses: 2,
      imported: [{ host: "claude" }, { host: "codex" }],
    });
    expect(second.out).toContain("Counted 0 new answers of models in 2 records");
    // 10 in, 20 out, 300 read and 40 written at 5/25/0.5/6.25; 1,000 in and 100 out at 1.75/14.
    expect(bill["rows"]).toMatchObject([
      { name: "gpt-5.3-codex", usd: 0.00315 },
      { name: "claude-opus-5", usd: 0.00095 },
    ]);
  });

  test("needs a ledger, which `skein init` makes", async () => {
    const line = aCommandLine({ "plan.yml": twoTasks });

    const { code, err } = await line.skein("usage import", { env: { HOME: aHome({}) } });

    expect(code).toBe(6);
    expect(err).toContain("SKN-5002");
    expect(err).toContain("skein init");
  });

  test("reads the files that it is given, says which one it cannot, and never fails at garbage", async () => {
    const line = await aProject();
    const home = aHome({
      "torn.jsonl": `${claudeLine({ id: "msg_1" })}\n${claudeLine({ id: "msg_2" }).slice(0, 99)}`,
      "wrong.jsonl": claudeLine({ id: "msg_3", usage: { output_tokens: -4 } }),
      "garbage.jsonl": "\u0000\u0001{{{{\n[[[[",
    });
    const files = ["torn", "wrong", "garbage"].map((name) => join(home, `${name}.jsonl`));

    const read = await line.skein(["usage", "import", ...files]);
    const missing = await line.skein(["usage", "import", join(home, "none.jsonl")]);
    const folder = await line.skein(["usage", "import", home]);

    expect(read.code).toBe(0);
    expect(read.out).toContain("Counted 1 new answer of models in 3 records");
    expect(read.out).toContain("1 line tells counts that cannot be believed.");
    expect([missing.code, folder.code]).toEqual([2, 2]);
    expect(missing.err).toContain("none.jsonl");
  });
});

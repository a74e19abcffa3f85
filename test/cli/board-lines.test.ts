import { afterAll, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { boardLines } from "../../src/cli/board-lines.ts";
import { readBoard } from "../../src/cli/board.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";

afterAll(removeRepositories);

test("a terminal cuts long names of plans, and no counts", async () => {
  const long = "rework-the-whole-checkout-with-all-its-rules";
  const line = aCommandLine({
    "one.yml": twoTasks,
    "two.yml": twoTasks.replace("plan: demo", `plan: ${long}`),
  });
  await line.skein("plan import one.yml");
  await line.skein("plan import two.yml");
  const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
  const board = await readBoard(skein);
  await skein.close();
  const plansAt = (columns: number | null): readonly string[] =>
    boardLines(board, [], { hasColor: false, most: 8, columns }).slice(2, 5);

  const [whole, cut] = [plansAt(null), plansAt(80)];

  expect(whole[2]).toContain(`${long}  active`);
  expect(cut[0]).toMatch(/^PLAN .* BLOCKED$/u);
  expect(Math.max(...cut.map((row) => row.length))).toBeLessThanOrEqual(80);
  expect(cut[1]).toMatch(/^demo /u);
  expect(cut[2]).toMatch(/^rework-.*\u{2026} +active +1 +1 +0 +0 +0 +0 +0$/u);
  expect(plansAt(200)).toEqual(whole);
});

test("a live view clears each line before it is written, so that the last column stays", async () => {
  const line = aCommandLine({ "one.yml": twoTasks });
  await line.skein("plan import one.yml");
  const drawn: string[] = [];

  await line.skein("top --count 1", {
    isTerminal: true,
    env: { TERM: "xterm" },
    onDraw: (sequences) => drawn.push(sequences),
  });

  const view = drawn.find((each) => each.includes("PLAN"))?.split("\u{1b}[K") ?? [];
  expect(view.length).toBeGreaterThan(5);
  expect(view.slice(1, -1).every((row) => row.endsWith("\r\n"))).toBe(true);
});

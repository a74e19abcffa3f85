import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { createVitest } from "vitest/node";
import { countsOf, longestMs, proofRows, untoldCounts } from "../../scripts/proof-rows.ts";
import { filesBelow, root } from "../../scripts/run.ts";
import { proofRun } from "../support/proof.ts";

const tests = filesBelow(join(root, "test"))
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => `test/${path}`);
const page = readFileSync("docs/testing.md", "utf8");
/** The rows of the table, with the tests that it names. */
const named = [...page.matchAll(/^\| ([A-Z][A-Z0-9]+) +\|[^|]*\|([^|]*`[^|]*)\|/gmu)].map(
  ([, name = "", where = ""]) => ({
    name,
    files: [...where.matchAll(/`([^`]+)`/gu)].map(([, file = ""]) => `test/${file}`),
  }),
);

describe("npm run proof", () => {
  test.each(proofRows)("$name: has its tests, which read each of its counts", ({ files, full }) => {
    const found = files.map((file) => tests.filter((path) => path.includes(file)));
    const text = found.flat().map((path) => readFileSync(path, "utf8"));

    expect(found.filter((each) => each.length === 0)).toEqual([]);
    for (const count of Object.keys(full)) {
      const isRead = new RegExp(`proofRun\\("${count}"|"SKEIN_PROOF_${count}"`);
      expect(
        text.some((each) => isRead.test(each)),
        count,
      ).toBe(true);
    }
  });

  test.each(proofRows)("$name: stands in the table of docs/testing.md", ({ name }) => {
    expect(page).toMatch(new RegExp(`^\\| ${name} `, "m"));
  });

  test.each(named)("$name: runs all that the table names", ({ name, files }) => {
    const row = proofRows.find((each) => each.name === name);

    expect(files.filter((file) => row?.files.includes(file) !== true)).toEqual([]);
  });

  test("lets a night win over the limits of every kind of test", async () => {
    const vitest = await createVitest("test", { watch: false, testTimeout: longestMs });
    const limits = vitest.projects.map(({ name, config }) => [name, config.testTimeout]);
    await vitest.close();

    expect(limits.length).toBeGreaterThan(3);
    expect(limits.filter(([, limit]) => limit !== longestMs)).toEqual([]);
  });
});

describe("proofRun", () => {
  test("takes the count and the seed that it is told", () => {
    vi.stubEnv("SKEIN_PROOF_R99", "12345");
    vi.stubEnv("SKEIN_PROOF_SEED", "7");
    const told = proofRun("R99", 10);
    vi.unstubAllEnvs();

    expect([told, proofRun("R99", 10, 3)]).toEqual([
      { row: "R99", count: 12_345, seed: 7 },
      { row: "R99", count: 10, seed: 3 },
    ]);
  });
});

describe("countsOf", () => {
  const row = { name: "R4", files: [], full: { R4: 100, PROCESSES: 64 }, nightly: 3 };

  test("multiplies by night how often a proof runs, and leaves how wide it is", () => {
    expect([...countsOf(row, false).values()]).toEqual([100, 64]);
    expect([...countsOf(row, true).values()]).toEqual([300, 64]);
  });
});

describe("untoldCounts", () => {
  test("names the counts that no title has", () => {
    const counts = new Map([
      ["R4", 100],
      ["PROCESSES", 64],
    ]);

    expect(untoldCounts(counts, ["R4: 64 processes race for 1000 tasks"])).toEqual(["R4=100"]);
    expect(untoldCounts(counts, ["64 processes race for 100 tasks"])).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";

import {
  reportJson,
  reportJsonSchema,
  reportOf,
  reportSchema,
} from "../../../../src/core/review/index.ts";
import { aFinding, aResult } from "../../../support/review.ts";

const validate = new Ajv2020({ strict: true }).compile(JSON.parse(reportJsonSchema()));

describe("reportOf", () => {
  test("says all of a review in the published names and units", () => {
    expect(reportOf(aResult({ notes: ["One seat failed."] }))).toEqual({
      schema_version: 1,
      id: "R1",
      verdict: "changes",
      effective_rule: "60 % of 3 equal votes = 2 of 3",
      base: "b".repeat(40),
      head: "c".repeat(40),
      seats: [
        {
          seat: 1,
          model: "sonnet",
          family: "claude",
          weight: 1.5,
          calls: 2,
          cached: 0,
          cost_usd: 0.012345,
          error: null,
        },
        {
          seat: 2,
          model: "qwen-32b",
          family: "qwen",
          weight: 1.5,
          calls: 1,
          cached: 0,
          cost_usd: 0.000001,
          error: "It timed out.",
        },
      ],
      findings: [
        {
          id: "F1",
          fingerprint: "f".repeat(32),
          path: "src/a.ts",
          line: 2,
          end_line: 2,
          severity: "high",
          category: "correctness",
          title: "The total is not rounded",
          body: "A sum of floats is compared with `===`.",
          quoted: "deux",
          placement: "line",
          places: [],
          support: 66.7,
          threshold: 60,
          decision: "published",
          state: "new",
          proposers: [1, 3],
          verify: null,
          suggestion: null,
          original: null,
          ballots: [
            { seat: 2, vote: "confirm", reason: "It fails for 0.1 + 0.2.", correction: null },
            { seat: 3, vote: "confirm", reason: "Seen too.", correction: null },
            { seat: 4, vote: "reject", reason: "The callers round.", correction: null },
          ],
        },
      ],
      unconfirmed: [],
      fixed: [],
      skipped: [{ path: "package-lock.json", reason: "It is a lock file." }],
      coverage: {
        files: 1,
        hunks: 2,
        unseen: [],
        seats: [{ seat: 1, seen_hunks: 2, missed: [] }],
      },
      cost: { usd: 0.012346, input_tokens: 1_000, output_tokens: 200, saved_usd: 0 },
      notes: ["One seat failed."],
      stopped: false,
    });
  });

  test("keeps to the published schema, whatever is null", () => {
    const bare = aFinding({ support: null, threshold: null, decision: "check", ballots: [] });
    const result = aResult({ id: null, base: null, head: null, unconfirmed: [bare] });

    for (const report of [reportOf(result), JSON.parse(reportJson(result))]) {
      expect(reportSchema.parse(report)).toEqual(report);
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test("has a schema that refuses another shape", () => {
    const report = reportOf(aResult());

    expect(validate({ ...report, verdict: "maybe" })).toBe(false);
    expect(validate({ ...report, more: 1 })).toBe(false);
    expect(validate({ ...report, seats: undefined })).toBe(false);
  });
});

describe("reportJson", () => {
  test("escapes what a terminal obeys or nobody sees, and loses nothing", () => {
    const title = "a\u001b[31m\u009b2J\u202e\u200b\u{e0041}\u2028é";
    const result = aResult({ findings: [aFinding({ title })] });

    const text = reportJson(result);

    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028]/u);
    expect(reportSchema.parse(JSON.parse(text)).findings[0]?.title).toBe(title);
    expect(text).toContain("é");
  });
});

test("the published schema is the one that the code has", () => {
  expect(JSON.parse(readFileSync("schema/review.schema.json", "utf8"))).toEqual(
    JSON.parse(reportJsonSchema()),
  );
});

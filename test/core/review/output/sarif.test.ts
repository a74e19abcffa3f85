import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import official from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };

import { sarifOf } from "../../../../src/core/review/index.ts";
import type { ReviewResult, SarifLog } from "../../../../src/core/review/index.ts";
import { aFinding, aResult } from "../../../support/review.ts";

/** The schema is of draft 4; of what that draft names otherwise it uses the identifier alone. */
const { $schema: _, id, ...rules } = official;
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
const validate = ajv.compile({ ...rules, $id: id });

function log(result: Partial<ReviewResult>): SarifLog {
  return sarifOf(aResult(result), { version: "0.1.0" });
}

describe("sarifOf", () => {
  test.each<readonly [string, Partial<ReviewResult>]>([
    ["a finding on a line", {}],
    ["no finding", { findings: [], verdict: "pass" }],
    [
      "an incomplete review with notes",
      { verdict: "incomplete", notes: ["Two\nseats failed.", ""] },
    ],
    ["a finding of a file", { findings: [aFinding({ placement: "file" })] }],
    ["a finding of the summary", { findings: [aFinding({ placement: "summary", path: "../x" })] }],
    [
      "a finding of a check",
      { findings: [aFinding({ decision: "check", support: null, ballots: [] })] },
    ],
    [
      "a finding with places",
      { findings: [aFinding({ places: [{ path: "b.ts", line: 3, endLine: 4 }] })] },
    ],
    ["odd names", { findings: [aFinding({ path: 'a:b/ä "?#%.ts' })] }],
    ["hostile texts", { findings: [aFinding({ title: "\u001b[2J\ud800", body: "\u202e\0" })] }],
    ["lines out of range", { findings: [aFinding({ line: 0, endLine: -3 })] }],
  ])("keeps to the official schema for %s", (...[, result]) => {
    const written = JSON.parse(JSON.stringify(log(result)));

    expect(validate(written), JSON.stringify(validate.errors, null, 1)).toBe(true);
  });

  test("is judged by a schema that can say no", () => {
    expect(validate({ version: "2.1.0", runs: [{}] })).toBe(false);
    expect(validate({ ...log({}), version: "2.0.0" })).toBe(false);
  });

  test("names the rule, the level, the place and the fingerprint", () => {
    const [run] = log({ findings: [aFinding({ path: "src/ä b.ts", endLine: 3 })] }).runs;
    const [result] = run?.results ?? [];

    expect(run?.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe("skein/correctness");
    expect(result).toMatchObject({
      ruleId: "skein/correctness",
      level: "error",
      baselineState: "new",
      partialFingerprints: { "skeinFinding/v1": "f".repeat(32) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "src/%C3%A4%20b.ts" },
            region: { startLine: 2, endLine: 3 },
          },
        },
      ],
    });
  });

  test("gives no location outside of the repository, and no line where none is sure", () => {
    const findings = [
      aFinding({ path: "../../etc/passwd" }),
      aFinding({ path: "/etc/passwd" }),
      aFinding({ placement: "summary" }),
      aFinding({ placement: "file" }),
    ];

    const [none, absolute, summary, file] = log({ findings }).runs[0]?.results ?? [];

    expect([none, absolute, summary].map((each) => each?.locations)).toEqual([[], [], []]);
    expect(file?.locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: "src/a.ts" } } },
    ]);
  });
});

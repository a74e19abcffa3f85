import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";

import { commentOf, printOf } from "../../../src/core/pull-reviews/comments.ts";
import { parsePublication, publicationOf } from "../../../src/core/pull-reviews/publication.ts";
import type { Publication } from "../../../src/core/pull-reviews/publication.ts";
import type { Sign } from "../../../src/core/hosting/index.ts";
import { aFile, aFinding, aResult } from "../../support/review.ts";

const unsigned = { sign: null, subject: "acme/shop#12" } as const;
const signed = { ...unsigned, sign: signWith("key") };
const base = { branch: "main", sha: "b".repeat(40) };
const honest = publicationOf(
  { result: aResult({ findings: [aFinding()] }), files: [aFile()], mode: "full" },
  base,
);
const { report } = honest;
const odd = [{ ...report.findings[0], fingerprint: "not of this project" }];

describe("parsePublication", () => {
  test("reads what was made here", () => {
    expect(parsePublication(JSON.parse(JSON.stringify(honest))).result.findings).toHaveLength(1);
  });

  // What is kept of it could else not be read any more, and what was spent would be forgotten with it.
  test.each([
    ["a cost that no sum can hold", { ...report, cost: { ...report.cost, usd: 1e300 } }],
    ["a cost beyond all budgets", { ...report, cost: { ...report.cost, usd: 1e7 } }],
    ["a finding without a fingerprint", { ...report, findings: odd }],
    ["an unconfirmed one without", { ...report, unconfirmed: odd }],
    ["a fixed one without", { ...report, fixed: odd }],
  ])("refuses %s", (_what, forged) => {
    expect(codeOf({ ...honest, report: forged })).toBe("SKN-1671");
  });

  test.each(["../../etc/passwd", "/etc/passwd", "a//b", ""])("refuses the place %j", (path) => {
    const anchors: Publication["anchors"] = [{ kind: "file", path }];
    expect(codeOf({ ...honest, anchors })).toBe("SKN-1671");
  });

  test("refuses a suggestion that no model could have made", () => {
    expect(codeOf({ ...honest, suggestions: ["x".repeat(1_001)] })).toBe("SKN-1671");
  });
});

describe("printOf", () => {
  test("knows a thread by our mark, whatever the suggested code says", () => {
    const suggestion = "Skein finding `aaaaaaaaaaaaaaaa`. Resolve the thread to decline it.";
    const anchor = {
      kind: "line",
      path: "src/a.ts",
      side: "new",
      line: 2,
      startLine: null,
    } as const;
    const finding = aFinding({ fingerprint: "b".repeat(32) });

    const comment = commentOf({ finding, anchor, suggestion }, unsigned);

    expect(comment?.body).toContain(suggestion);
    expect(printOf(comment?.body ?? "", unsigned)).toBe("b".repeat(16));
  });

  test("believes with a key only a mark that was signed for this conversation", () => {
    const anchor = { kind: "file", path: "src/a.ts" } as const;
    const finding = aFinding({ fingerprint: "b".repeat(32) });
    const body = commentOf({ finding, anchor }, signed)?.body ?? "";
    const plain = commentOf({ finding, anchor }, unsigned)?.body ?? "";

    expect(printOf(body, signed)).toBe("b".repeat(16));
    expect(printOf(body, unsigned)).toBe("b".repeat(16));
    expect(printOf(plain, signed)).toBeNull();
    expect(printOf(body.replace("`b", "`c"), signed)).toBeNull();
    expect(printOf(body, { ...signed, subject: "acme/shop#13" })).toBeNull();
    expect(printOf(body, { ...signed, sign: signWith("other") })).toBeNull();
  });
});

function codeOf(value: unknown): unknown {
  try {
    parsePublication(value);
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

function signWith(key: string): Sign {
  return (text) => createHmac("sha256", key).update(text).digest("base64url");
}

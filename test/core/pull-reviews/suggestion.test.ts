import { describe, expect, test } from "vitest";

import { anchorOf } from "../../../src/core/pull-reviews/anchors.ts";
import { commentOf } from "../../../src/core/pull-reviews/comments.ts";
import { isSafeSuggestion, suggestionFor } from "../../../src/core/pull-reviews/suggestion.ts";
import type { ChangedFile, Finding } from "../../../src/core/review/index.ts";
import { aFile, aFinding, aHunk } from "../../support/review.ts";

const file = aFile({ hunks: [aHunk(10, [" const a = 1;", "+  const b = a;", "+  return b;"])] });
const mends: Partial<Finding> = {
  line: 11,
  endLine: 11,
  quoted: "  const b = a;",
  suggestion: "  const b = a + 1;",
};

describe("suggestionFor", () => {
  test("offers what replaces exactly the lines that are quoted", () => {
    expect(offered(mends)).toBe("  const b = a + 1;");
    const two = { ...mends, endLine: 12, quoted: "  const b = a;\n  return b;" };
    expect(offered({ ...two, suggestion: "  return a;" })).toBe("  return a;");
  });

  test.each([
    ["quotes the line without its indentation", { quoted: "const b = a;" }],
    ["quotes a part of the line", { quoted: "  const b" }],
    ["quotes fewer lines than it stands on", { endLine: 12 }],
    ["changes nothing", { suggestion: "  const b = a;" }],
    ["is longer than six lines", { suggestion: "x\n".repeat(7) }],
    ["is longer than a few lines are", { suggestion: "x".repeat(1_001) }],
    ["holds what cannot be seen", { suggestion: "  const b = a;\u{202E}" }],
    ["ends its own block", { suggestion: "x\n```\n@everyone" }],
    ["was only advice", { decision: "advisory" }],
    ["is of a whole file", { placement: "file" }],
    ["is of another file", { path: "src/other.ts" }],
  ] as const)("offers nothing that %s", (_what, odd) => {
    expect(offered({ ...mends, ...odd })).toBeNull();
  });

  test("offers nothing on lines that are gone", () => {
    const gone = aFile({ kind: "deleted", hunks: [aHunk(11, ["-  const b = a;"])] });

    expect(offered(mends, gone)).toBeNull();
  });
});

describe("isSafeSuggestion", () => {
  test.each([
    "/approve",
    "  /skein pause",
    "const a = 1;\n/lgtm cancel\nconst b = 2;",
    "/retest\t",
  ])("is false for a line that some bot would obey: %j", (text) => {
    expect(isSafeSuggestion(text)).toBe(false);
  });

  test.each([
    "// a comment",
    "/* one */",
    "/abc/u.test(text);",
    "/usr/bin/env node",
    "a / b",
    "/>",
  ])("is true for %j", (text) => {
    expect(isSafeSuggestion(text)).toBe(true);
  });
});

describe("commentOf", () => {
  test("writes a suggestion as the host's own block", () => {
    const finding = aFinding(mends);
    const comment = commentOf(
      { finding, anchor: anchorOf(finding, [file]), suggestion: "  const b = a + 1;" },
      { sign: null, subject: "acme/shop#12" },
    );

    expect(comment?.body).toContain("\n```suggestion\n  const b = a + 1;\n```\n");
    expect(isSafeSuggestion("  const b = a + 1;")).toBe(true);
  });
});

function offered(odd: Partial<Finding>, on: ChangedFile = file): string | null {
  const finding = aFinding(odd);
  return suggestionFor(finding, anchorOf(finding, [on]), [on]);
}

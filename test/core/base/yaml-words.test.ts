import { parseDocument } from "yaml";
import { describe, expect, test } from "vitest";

import { yamlSentence } from "../../../src/core/base/yaml-words.ts";

/** Texts that are no YAML, and what is to be said of the first slip. */
const slips: readonly (readonly [string, string])[] = [
  ["a: { b: 1\nc: 2\n", "`}` is missing"],
  ["a: [1, 2\nc: 2\n", "`]` is missing"],
  ['a: "x\n', '`"` is missing'],
  ["a: 'x\n", "`'` is missing"],
  ["a: ['x' 'y']\n", "`,` is missing"],
  ["a:\n\tb: 1\n", "spaces alone"],
  ["a: 1\na: 2\n", "stands twice"],
  ["a:\n  - 1\n - 2\n", "in one column"],
  ["a: b: c\n", "on a new line"],
  ["a:\n  b: 1\n c: 2\n", "same column"],
  ["a: @b\n", "in quotes"],
  ["a: %b\n", "in quotes"],
  ['a: "\\q"\n', "double quotes"],
  ["a\nb: 1\n", "on one line"],
  ["a: *nobody:\n", "name"],
  ["a: !x !y 1\n", "at most one tag"],
  ["a: &x &y 1\n", "at most one anchor"],
  ["a: {b: 1, , c: 2}\n", "cannot stand here"],
  ["a: 'x'b\n", "cannot stand here"],
  ["- a\nb: 1\n", "`- `"],
  ["a: |x\n  b\n", "cannot stand here"],
  ["a: 'b'#c\n", "space is missing"],
  ["%YAML 9\n---\na: 1\n", "`%`"],
  ["a: !nobody b\n", "none that is read here"],
  ["? [a]\n: 1\n---\nb: 1\n", "more than one"],
];

describe("yamlSentence", () => {
  test.each(slips)("speaks of %j in words of its own", (text, says) => {
    const { errors, warnings } = parseDocument(text, { prettyErrors: false });
    const [slip] = [...errors, ...warnings];

    expect(slip, text).toBeDefined();
    const sentence = slip === undefined ? "" : yamlSentence(slip);
    expect(sentence).toContain(says);
    expect(sentence).not.toContain(slip?.message ?? "");
    expect(sentence).toMatch(/^[A-Z`].*\.$/u);
  });

  test("has a sentence for a code that it does not know", () => {
    expect(yamlSentence({ code: "NEW", message: "Something odd" })).toMatch(/cannot stand here/u);
  });
});

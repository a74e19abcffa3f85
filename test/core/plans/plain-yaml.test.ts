import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPlainYaml } from "../../../src/core/plans/plain-yaml.ts";
import { readFullYaml } from "../../../src/core/plans/yaml-tree.ts";

const plan = `# Our next month
plan: checkout-flow # its id
title: Rework "the" checkout
budget_usd: 5.00

tasks:
  - id: T1
    title: 'Don''t extract'
    spec: |
      First line.

        Indented # and no comment: a text

    files: ["src/price/**", test/price.test.ts] # scope
    depends_on: []
    priority: high
    minutes: 20
  # between two tasks
  - id: T2
    title: Zahlung per Rechnung 😀
    spec: |-
      a
    accept:
    - the price tests pass
    - "so: do # these"
    parent: null
`;

describe("readPlainYaml", () => {
  test("reads a plan as people write it, every value and every place as the full reader does", () => {
    const root = readPlainYaml(plan);

    expect(root).not.toBeNull();
    expect(readFullYaml(plan)).toEqual({ kind: "tree", root });
  });

  test.each([
    ["an anchor", "a: &x 1\n"],
    ["an alias", "a: *x\n"],
    ["a tag", "a: !!str 1\n"],
    ["a folded text", "a: >\n  b\n"],
    ["an indentation indicator", "a: |2\n   b\n"],
    ["a text on two lines", "a: b\n  c\n"],
    ["a quoted text on two lines", 'a: "b\n  c"\n'],
    ["an escape", 'a: "\\n"\n'],
    ["a map in braces", "a: {b: 1}\n"],
    ["a list in a list", "a: [[b]]\n"],
    ["a key without a value", "a:\nb: 1\n"],
    ["a key that is no word", "true: 1\n"],
    ["a second document", "a: 1\n---\nb: 1\n"],
    ["the end of a document", "a: 1\n...\n"],
    ["a directive", "%YAML 1.2\n---\na: 1\n"],
    ["a tab", "a:\tb\n"],
    ["a carriage return", "a: b\r\n"],
    ["a line that stands between two blocks", "a:\n    b: 1\n  c: 1\n"],
    ["a map within a line", "a: b: c\n"],
    ["a number in an odd form", "a: 1e3\n"],
    ["a colon without a blank", "a:b\n"],
    ["nothing", ""],
  ])("leaves %s to the full reader", (_, text) => {
    expect(readPlainYaml(text)).toBeNull();
  });

  test("reads nothing otherwise than the full reader, whatever stands there", () => {
    let readCount = 0;

    fc.assert(
      fc.property(texts, (text) => {
        const root = readPlainYaml(text);
        if (root !== null) {
          readCount += 1;
          expect(readFullYaml(text)).toEqual({ kind: "tree", root });
        }
      }),
      { numRuns: 3_000 },
    );

    expect(readCount).toBeGreaterThan(300);
  });
});

const soundPieces = fc.constantFrom(
  ..."a|x y|x  y|src/**|1|007|1.5|true|null|it's|a:b|a :b|a#b|a # b|é|😀 z|'q'|'a''b'|\"q\"|\"a: b\"".split(
    "|",
  ),
  ...'[]|[a, b]|["a", 1 ]|[a, b] # c|x, y|x]|\'a # b\'|say "x"|"x" '.split("|"),
);
const oddPieces = fc.constantFrom(
  ..."1e3 -1 .5 ~ a: *x &x !x %x ' \" [a [a,] {} | |- > - --- ... @ `x` a: # \u00a0 x\u2028y".split(
    " ",
  ),
  ..."a: b;- x;'a' b;\"a\" b;? x;# c;x\ty;a: ".split(";"),
);
const pieces = fc.oneof({ weight: 6, arbitrary: soundPieces }, { weight: 1, arbitrary: oddPieces });
const keys = fc.constantFrom("id", "title", "files", "spec", "accept", "k-1", "_x", "true", "a b");
const values = fc.tuple(keys, pieces).map(([key, piece]) => `${key}: ${piece}`);

const blocks = fc.oneof(
  { weight: 4, arbitrary: values },
  { weight: 1, arbitrary: fc.constantFrom("", "  ", "# c", "    # c", "id:") },
  fc.tuple(pieces, pieces).map(([one, other]) => `files:\n  - ${one}\n  - ${other}`),
  fc.tuple(values, values).map(([one, other]) => `tasks:\n  - ${one}\n    ${other}`),
  fc.tuple(values, values).map(([one, other]) => `map:\n  ${one}\n  ${other}`),
  fc.tuple(pieces, pieces).map(([one, other]) => `spec: |\n  ${one}\n\n    ${other}\n`),
);

/** Mostly sound, and then with one character changed. */
const texts = fc
  .record({
    text: fc.array(blocks, { minLength: 1, maxLength: 4 }).map((some) => `${some.join("\n")}\n`),
    at: fc.option(fc.nat(60)),
    odd: fc.constantFrom(" ", "  ", "\n", ":", "#", "-", "'", '"', "|", "[", "x", ""),
  })
  .map(({ text, at, odd }) => (at === null ? text : text.slice(0, at) + odd + text.slice(at + 1)));

import { describe, expect, test } from "vitest";
import { readToml } from "../../../src/cli/init/toml.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

/** As `3:5 what is wrong`, one line for each fault; nothing for a text that is well. */
function faultsOf(text: string): readonly string[] {
  const reading = readToml(text);
  return reading.kind === "read"
    ? []
    : reading.faults.map(
        ({ line, column, message }) => `${String(line)}:${String(column)} ${message}`,
      );
}

describe("readToml", () => {
  test.each([
    "",
    "\uFEFFa = 1\r\n[b]\r\nc.d = { e = 2 }\r\n",
    "a = 9223372036854775807\n",
    'a = """\n[b\n"""\n',
    "[a.b]\n[a]\nc = 1\n",
    '"__proto__" = 1\nconstructor = 2\n',
  ])("reads %j", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  test.each([
    ['a = "x\nb = 1\n', "1:7 A quote that is opened on this line is not closed on it."],
    ["a = 1\r\nb = '\r\n", "2:6 A quote that is opened on this line is not closed on it."],
    ['a = """x\nb', "1:5 The quote that opens here is never closed."],
    ["[a\nb = 1\n", "1:3 `]` is missing: the head of a table ends on its own line."],
    ["[[a]\n", "1:5 `]` is missing: the head of a list's table ends with `]]`."],
    [
      "a = 1\n\na = 2\n",
      "3:1 The name is set in line 1 already; each key and each table stands once.",
    ],
    [
      "[a]\n[b]\n[a]\n",
      "3:2 The name is set in line 1 already; each key and each table stands once.",
    ],
    [
      "a = { b = 1, b = 2 }\n",
      "1:14 The name is set already; each key and each table stands once.",
    ],
    ["a = \n", "1:5 The value is missing."],
    ["a = yes\n", expect.stringMatching(/^1:5 This is no value: a text stands in quotes/u)],
    ["a = 1.2.3\n", expect.stringMatching(/^1:8 This is no number/u)],
    ["a = 2020-13-01\n", expect.stringMatching(/^1:5 This is no date/u)],
    ["a 1\n", expect.stringMatching(/^1:3 A key is followed by `=`/u)],
    ["{\n", expect.stringMatching(/^1:1 A key is followed by `=`/u)],
    ["key", expect.stringMatching(/^1:1 A key is followed by `=`/u)],
    ["= 1\n", "1:1 A name is missing here."],
    ["[]\n", "1:2 A name is missing here."],
    ['"""a""" = 1\n', expect.stringMatching(/^1:1 A key is followed by `=`/u)],
    [
      "a = 1 b = 2\n",
      "1:7 Something stands behind the end of the entry; each has a line of its own.",
    ],
    ["a = [1 2]\n", "1:8 A comma or a closing bracket is missing before this place."],
    ["a = [1,\n", "2:1 A bracket that opens above is not closed, or this is no value of its list."],
    ["a = [1,", "1:5 The bracket that opens here is never closed."],
    ["a = { b = 1,", "1:5 The bracket that opens here is never closed."],
    ['a = "\\q"\n', expect.stringMatching(/^1:7 The text has an escape that TOML does not know/u)],
    ["# \u0001\n", "1:3 A character stands here that nobody sees (U+0001)."],
  ])("says of %j what is wrong, and where", (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  test("says so of values that are nested too deeply", () => {
    expect(faultsOf(`a = ${"[".repeat(2_000)}`)).toEqual([
      expect.stringMatching(/^1:\d+ Values are nested too deeply\.$/u),
    ]);
  });

  test("says all that is wrong, and nothing that only follows from it", () => {
    const text = [
      'a = "x', // 1
      "b = 1",
      "[one", // 3
      "b = 1",
      "c = yes", // 5
      "[two]",
      "[two]", // 7
      "b = 1",
      "b = 2", // 9
    ].join("\n");

    expect(faultsOf(text).map((fault) => fault.split(":")[0])).toEqual(["1", "3", "5", "7", "9"]);
  });

  test("says no more than it knows behind a bracket or a text over several lines that is not closed", () => {
    expect(faultsOf('a = """\nb = 1\nb = 2\n')).toHaveLength(1);
    expect(faultsOf("a = [\nb = 1\nb = 2\n")).toHaveLength(1);
  });

  test("repeats nothing of the file, which may hold secrets", () => {
    expect(faultsOf('token = "s3cr3t\n').join("\n")).not.toContain("s3cr3t");
  });

  test.each(["[", "a.", '"', "a=1\n", "[a]\n", "9", "\\", "a={", "'''\n", "=\n"])(
    "reads at once a file that is made to be slow, of many %j",
    (piece) => {
      const text = `x = 1\n${piece.repeat(262_144 / piece.length)}`;

      expect(leastCpuMs(() => readToml(text))).toBeLessThan(2_000);
    },
  );
});

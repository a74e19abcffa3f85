import { describe, expect, it } from "vitest";
import { appendItem, removeValue, replaceItem, setValue } from "../../../src/cli/init/json-edit.ts";
import { readJsonc, toData } from "../../../src/cli/init/jsonc.ts";

const commented = `{
    // who we are
    "name": "app", /* keep */
    "mcpServers": {
        "other": { "command": "x" }, // theirs
    },
    "last": [1, 2]
}
`;

function dataOf(text: string | null): unknown {
  const reading = readJsonc(text ?? "");
  return reading.kind === "read" ? toData(reading.root) : reading;
}

describe("readJsonc", () => {
  it("reads comments, trailing commas and escapes", () => {
    expect(dataOf(commented)).toEqual({
      name: "app",
      mcpServers: { other: { command: "x" } },
      last: [1, 2],
    });
    expect(dataOf('["\\u0041\\n", -1.5e3, null,]')).toEqual(["A\n", -1500, null]);
  });

  it.each([
    ["", 1, 1],
    ['{"a":1', 1, 7],
    ['{\n  "a": tru\n}', 2, 8],
    ['{"a":1} x', 1, 9],
    ["{'a':1}", 1, 2],
  ])("tells where %j goes wrong", (text, line, column) => {
    expect(readJsonc(text)).toEqual({ kind: "fault", fault: { line, column } });
  });

  it("reads what JSON allows: characters that are not seen, half characters by escape, numbers of any size", () => {
    expect(dataOf('\uFEFF{"a":"\u007F\u0085\u00A0\u2028","b":"\\ud800"}')).toEqual({
      a: "\u007F\u0085\u00A0\u2028",
      b: "\uD800",
    });
    expect(dataOf("[-0, 1e400, 1E-999, 0.10, 12345678901234567890]\r\n")).toEqual([
      -0,
      Infinity,
      0,
      0.1,
      12345678901234567000,
    ]);
    expect(dataOf('{"__proto__":{"a":1},"a":1,"a":2}')).toEqual(
      JSON.parse('{"__proto__":{"a":1},"a":2}'),
    );
  });

  it.each([
    '["\t"]',
    '["\u001F"]',
    "[\u00A01]",
    "[\f1]",
    "[1]\u2028",
    "[\uFEFF1]",
    "[01]",
    "[+1]",
    "[.5]",
    "[1.]",
    "[NaN]",
    '["\\x41"]',
    '["\\u12"]',
    "[,]",
    "[1,,]",
    "{,}",
    "[1 2]",
    "{a:1}",
    "[1] /* no end",
  ])("refuses what it does not: %j", (text) => {
    expect(readJsonc(text).kind).toBe("fault");
  });

  it("tells comments behind many keys that stand twice", () => {
    const reading = readJsonc(`{${'"a":1,'.repeat(40)}"b":[1,] /* c */}`);

    expect(reading).toMatchObject({ kind: "read" });
    const kinds = reading.kind === "read" ? reading.oddities.map(({ kind }) => kind) : [];
    expect(kinds.filter((kind) => kind !== "twice")).toEqual(["trailing-comma", "comment"]);
    expect(kinds.length).toBeLessThan(40);
  });

  it("ends a comment where a line ends, by whichever sign", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      expect(dataOf(`[1, // one${end}2]`)).toEqual([1, 2]);
    }
  });

  it("refuses a text that nests without end instead of overflowing", () => {
    const column = 201;
    const fault = { line: 1, column, isTooDeep: true };
    expect(readJsonc("[".repeat(100_000))).toEqual({ kind: "fault", fault });
    expect(readJsonc('{"a":'.repeat(201)).kind).toBe("fault");
    expect(dataOf("[".repeat(200) + "]".repeat(200))).toBeInstanceOf(Array);
  });
});

describe("setValue", () => {
  it("adds a member behind the last and leaves every other character alone", () => {
    const changed = setValue(commented, ["mcpServers", "skein"], { command: "node", args: ["a"] });

    expect(changed).toBe(
      commented.replace(
        '"other": { "command": "x" }, // theirs',
        `"other": { "command": "x" },
        "skein": {
            "command": "node",
            "args": [
                "a"
            ]
        }, // theirs`,
      ),
    );
    expect(dataOf(changed)).toMatchObject({ mcpServers: { skein: { args: ["a"] } } });
  });

  it("makes the objects that are missing on the way", () => {
    expect(setValue("{}\n", ["a", "b"], 1)).toBe('{\n  "a": {\n    "b": 1\n  }\n}\n');
  });

  it("replaces a value in its place", () => {
    expect(setValue('{ "a": 1, "b": 2 }', ["a"], { c: 3 })).toBe('{ "a": {"c":3}, "b": 2 }');
  });

  it("keeps tabs, Windows line ends and comments in an empty object", () => {
    expect(setValue('{\r\n\t"a": 1\r\n}\r\n', ["b"], [true])).toBe(
      '{\r\n\t"a": 1,\r\n\t"b": [\r\n\t\ttrue\r\n\t]\r\n}\r\n',
    );
    expect(setValue("{\n  // nothing yet\n}\n", ["a"], 1)).toBe(
      '{\n  // nothing yet\n  "a": 1\n}\n',
    );
  });

  it("gives up where something on the way is no object", () => {
    expect(setValue('{"a":[1]}', ["a", "b"], 1)).toBeNull();
    expect(setValue("nothing", ["a"], 1)).toBeNull();
  });
});

describe("appendItem", () => {
  it("adds behind the last item, or makes the list", () => {
    expect(dataOf(appendItem(commented, ["last"], 3))).toMatchObject({ last: [1, 2, 3] });
    expect(dataOf(appendItem(commented, ["hooks", "Stop"], { x: 1 }))).toMatchObject({
      hooks: { Stop: [{ x: 1 }] },
    });
    expect(dataOf(appendItem('{"a":[]}', ["a"], 1))).toEqual({ a: [1] });
  });

  it("gives up where there is something else", () => {
    expect(appendItem('{"a":{}}', ["a"], 1)).toBeNull();
  });
});

describe("replaceItem", () => {
  it("changes that item only", () => {
    expect(replaceItem('{ "a": [1, 2, 3] }', ["a"], { index: 1, item: "x" })).toBe(
      '{ "a": [1, "x", 3] }',
    );
  });
});

describe("removeValue", () => {
  it.each([
    ['{ "a": 1, "b": 2 }', ["a"], '{ "b": 2 }'],
    ['{ "a": 1, "b": 2 }', ["b"], '{ "a": 1 }'],
    ['{ "a": 1, }', ["a"], "{}"],
    ['{ "a": 1 }', ["c"], '{ "a": 1 }'],
  ])("takes a member with its comma: %s", (text, path, expected) => {
    expect(removeValue(text, path, null)).toBe(expected);
  });

  it("undoes what setValue added", () => {
    const added = setValue(commented, ["mcpServers", "skein"], { command: "node" }) ?? "";

    expect(removeValue(added, ["mcpServers", "skein"], null)).toBe(commented);
  });

  it.each([
    ['{"a":1, /* a */ "b":2, /* b */ "c":3}', ["b"], '{"a":1, /* a */ /* b */ "c":3}'],
    ['{"a":1, // a\n "b":2}', ["b"], '{"a":1 // a\n }'],
    ['{"a":1, // a\n "b":2, "c":3}', ["b"], '{"a":1, // a\n "c":3}'],
    ['{"a":1, // a\n "b":2, // b\n}', ["b"], '{"a":1, // a\n // b\n}'],
    ['{ // top\n "a":1 // a\n}', ["a"], "{ // top\n // a\n}"],
    ['{ // top\n "a":1}', ["a"], "{ // top\n }"],
    ['{"a":1, // a\n "b":2}', ["a"], '{// a\n "b":2}'],
    ['{"a":1, "b":2 // b\n}', ["b"], '{"a":1 // b\n}'],
    ['{\n  // top  \n\n  "a":1\n}', ["a"], "{\n  // top  \n\n}"],
  ])("leaves each comment where it says something: %j", (text, path, expected) => {
    const changed = removeValue(text, path, null);

    expect(changed).toBe(expected);
    expect(readJsonc(changed).kind).toBe("read");
  });

  it("takes an item with its comma", () => {
    expect(removeValue('{"a":[1,2,3]}', ["a"], 1)).toBe('{"a":[1,3]}');
    expect(removeValue('{"a":[1]}', ["a"], 0)).toBe('{"a":[]}');
  });
});

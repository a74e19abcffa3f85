import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { examineStrays } from "../../../src/cli/doctor/agent-strays.ts";
import { withLines, withoutLines } from "../../../src/cli/init/toml-host.ts";

const lines = [
  "[mcp_servers.skein]",
  'command = "/node"',
  'args = ["/skein.js","mcp"]',
  "tool_timeout_sec = 60",
] as const;

/** Skein's block, with further lines behind its own. */
function block(...more: readonly string[]): string {
  return ["# >>> skein >>>", ...lines, ...more, "# <<< skein <<<", ""].join("\n");
}

const wished = { command: "/node", args: ["/skein.js", "mcp"], tool_timeout_sec: 60 };

function init(text: string): string {
  const after = withLines("c", text, lines);
  expect(withLines("c", after, lines), "a second time").toBe(after);
  expect(parse(after), "the server").toMatchObject({ mcp_servers: { skein: wished } });
  return after;
}

function remove(text: string): string {
  return withoutLines("c", text);
}

describe("a mark that is no mark of Skein's", () => {
  test.each([
    ["a text over several lines", `a = """\n${block()}"""\n`],
    ["a text in single quotes", `a = '''\n${block()}'''\n`],
    ["a text behind one with an escaped quote", `a = """\\"""\n${block()}"""\n`],
    ["a text with the words of somebody", 'a = """\n# >>> skein >>>\nmine\n# <<< skein <<<\n"""\n'],
    ["a list", "a = [\n# >>> skein >>>\n1,\n# <<< skein <<<\n2]\n"],
    ["comments behind values", "a = 1 # >>> skein >>>\nb = 2 # <<< skein <<<\n"],
    ["longer comments", "## >>> skein >>>\na = 1\n# <<< skein <<< so far\n"],
    ["a text on one line", 'a = "# >>> skein >>>"\nb = 1\nc = "# <<< skein <<<"\n'],
    ["a line behind a sign that is a line end elsewhere", "a = 1 # \u2028# >>> skein >>>\n"],
  ])("stands in %s: init writes beside it, and --remove takes nothing of it", (_name, text) => {
    const after = init(text);

    expect(after).toBe(`${text}\n${block()}`);
    expect(remove(after)).toBe(text);
    expect(remove(text)).toBe(text);
    expect(examineStrays("c", text)).toEqual([]);
  });

  test("is one with white space around it, and behind the sign for the order of bytes", () => {
    const text = `\uFEFF  # >>> skein >>>\t\r\n${lines.join("\r\n")}\r\n\t# <<< skein <<< \r\n[a]\r\n`;

    expect(init(text)).toBe(`\uFEFF${block().replaceAll("\n", "\r\n")}[a]\r\n`);
    expect(remove(text)).toBe("\uFEFF[a]\r\n");
  });
});

describe("what others put between Skein's marks", () => {
  const foo = ["", "# of foo", "[mcp_servers.foo]", 'command = "x"'];

  test("stays below them when it is a table behind Skein's", () => {
    const text = `a = 1\n\n${block(...foo)}[z]\nq = 1\n`;

    expect(init(text)).toBe(`a = 1\n\n${block()}${foo.join("\n")}\n[z]\nq = 1\n`);
    expect(remove(text)).toBe(`a = 1\n${foo.join("\n")}\n[z]\nq = 1\n`);
  });

  test("stays above them when it stands before Skein's table, so that what follows is the server's as before", () => {
    const own = 'model = "x"\n[[hooks]]\nb = 1\n';
    const text = block().replace(">>>\n[", `>>>\n${own}[`).concat("enabled = false\n");

    expect(init(text)).toBe(`${own}${block()}enabled = false\n`);
  });

  test("stays between them when it is a setting of the server, and goes with the server", () => {
    const own = ["# slow", "startup_timeout_sec = 5", "", "[mcp_servers.skein.env]", 'A = "1"'];
    const text = block(...own);

    expect(init(text)).toBe(text);
    expect(init(text.replace("/node", "/old"))).toBe(text);
    expect(remove(text)).toBe("# slow\n");
  });

  test("stays, but for what turns Skein's server off", () => {
    expect(init(block("enabled = false # for now", "required = true"))).toBe(
      block("# for now", "required = true"),
    );
    expect(init(`${block("required = true")}enabled = false\n`)).toContain("enabled = false\n");
  });

  test("stays as a comment where it is one", () => {
    const text = block("# mine").replace("60", "60 # seconds").replace('"/', '[ # a\n"/');
    const closed = text.replace('[ # a\n"/node"', '"/node" # a');

    expect(init(closed)).toBe(block("# a", "# seconds", "# mine"));
    expect(remove(closed)).toBe("# a\n# seconds\n# mine\n");
  });

  test("stays with line ends of Windows, and where the file ends with a mark", () => {
    const text = block(...foo)
      .replaceAll("\n", "\r\n")
      .trimEnd();

    expect(init(text)).toBe(`${block()}${foo.join("\n")}\n`.replaceAll("\n", "\r\n"));
    expect(remove(text)).toBe(`${foo.join("\n")}\n`.replaceAll("\n", "\r\n"));
  });

  test.each([
    ["no entry at all", block("junk"), 6],
    [
      "Skein's server in another form",
      "# >>> skein >>>\nmcp_servers.skein.command = 'x'\n# <<< skein <<<\n",
      2,
    ],
    ["a table behind a value that is none", block("[foo]").replace("60", "x"), 6],
    [
      "a setting of the server behind another table",
      `${block("[foo]", "[mcp_servers.skein.env]")}A = "1"\n`,
      6,
    ],
  ])("is refused with its line by init where it cannot stay: %s", (_name, text, line) => {
    expect(() => withLines("c", text, lines)).toThrow(
      expect.objectContaining({ code: "SKN-2093", facts: { file: "c", line } }),
    );
  });

  test.each([
    ["a setting that is none of a server", block('model = "x"'), 6],
    [
      "Skein's server in another form",
      "# >>> skein >>>\nmcp_servers.skein.command = 'x'\n# <<< skein <<<\n",
      2,
    ],
    ["a table of the server elsewhere", `${block()}[mcp_servers.skein.env]\nA = "1"\n`, 7],
    ["a name that would stand twice", `model = "x"\n\n${block()}model = "y"\n`, 9],
  ])("is refused with its line by --remove where it cannot stay: %s", (_name, text, line) => {
    expect(() => remove(text)).toThrow(
      expect.objectContaining({ code: "SKN-2093", facts: { file: "c", line } }),
    );
  });

  test("is told by doctor where it is no setting of the server", () => {
    expect(examineStrays("c", block('model = "x"'))).toMatchObject([
      { what: expect.stringContaining("line 6: `model` stands among Skein's lines") },
    ]);
  });
});

describe("withoutLines", () => {
  test("joins no lines of others where no empty line stands before the block", () => {
    expect(remove(`a = 1\n${block()}b = 2\n`)).toBe("a = 1\nb = 2\n");
  });

  test("takes a block out below a fault, and refuses where the fault leaves open what is text", () => {
    expect(remove(`[tui\na = [\n\n${block()}`)).toBe("[tui\na = [\n");
    expect(remove(`a = """\n\n${block()}`)).toBe('a = """\n');
    const open = `a = """\n${block()}b = """\nc\n`;
    expect(() => remove(open)).toThrow(expect.objectContaining({ code: "SKN-2094" }));
    expect(() => remove(block().replace('"mcp"]', '"mcp"'))).toThrow(
      expect.objectContaining({ code: "SKN-2094" }),
    );
  });

  test("reads many blocks, and many quotes that are not closed, in a moment", () => {
    const began = performance.now();
    const pair = "# >>> skein >>>\n# <<< skein <<<\n";

    expect(remove(pair.repeat(8_000))).toBe("");
    expect(remove(`${'"""\\'.repeat(60_000)}\n`)).toContain('"""');
    expect(remove(`${'"\\'.repeat(120_000)}\n`)).toContain('"');
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentTroubles, initIn, put, told } from "./init-stand.ts";
import type { InitEnd } from "./init-stand.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

let repository: TestRepository;

beforeEach(() => {
  repository = createTestRepository();
});

afterEach(() => {
  repository.remove();
});

const config = ".codex/config.toml";

async function init(remove = false): Promise<InitEnd> {
  return initIn(repository, { agents: ["claude", "codex"], remove });
}

/** Sets up for Claude Code and Codex, beside a configuration of Codex's own. */
async function setUp(text = 'model = "x"\n'): Promise<void> {
  repository.write(config, text);
  expect(await init()).toEqual({ code: 0, error: "" });
}

function edit(change: (text: string) => string): void {
  repository.write(config, change(repository.read(config)));
}

function bytesOf(path: string): Buffer {
  return readFileSync(join(repository.root, path));
}

const planted = [
  ["a quote that is not closed", 'model = "x\n', "line 1, column 11", "A quote"],
  [
    "a key that stands twice",
    'model = "x"\nmodel = "y"\n',
    "line 2, column 1",
    "in line 1 already",
  ],
  ["a table that stands twice", "[tui]\n\n[tui]\n", "line 3, column 2", "in line 1 already"],
  ["a head without its end", "[tui\na = 1\n", "line 1, column 5", "`]` is missing"],
  ["no value", "model =\n", "line 1, column 8", "The value is missing."],
  ["JSON", '{ "model": "x" }\n', "line 1, column 1", "A key is followed by `=`"],
] as const;

describe("a file of Codex that is no TOML outside of Skein's lines", () => {
  test.each(planted)("doctor names %s, and the place", async (...[, text, place, words]) => {
    await setUp();
    edit((whole) => text + whole.replace('model = "x"\n', ""));

    expect(agentTroubles(repository)).toEqual([
      {
        id: "agent-file",
        level: "fail",
        what: expect.stringMatching(`^${config} is no TOML: ${place}: .*${words}`),
        why: "Its program reads nothing of it then, neither what you set nor Skein's server.",
        fix: "Mend the file at the named place, then run `skein init` again.",
        also: [],
        mend: null,
      },
    ]);
  });

  test("doctor names it behind Skein's lines as well, and all faults of the file", async () => {
    await setUp();
    edit((text) => `${text}[tui]\na = 'x\n\n[tui]\nb = yes\n`);

    expect(agentTroubles(repository)).toMatchObject([
      {
        what: expect.stringContaining("line 10, column 7"),
        also: [
          expect.stringMatching(/^12:2 The name is set in line 9/u),
          expect.stringMatching(/^13:5 This is no value/u),
        ],
      },
    ]);
  });

  test("doctor names a fault within Skein's own lines as what stops Codex", async () => {
    await setUp();
    edit((text) => text.replace("tool_timeout_sec = 60", "tool_timeout_sec = x"));

    expect(told(repository)).toEqual([
      expect.stringMatching(/^fail agent-file: .* line 7, column 20: This is no value/u),
    ]);
    expect((await init()).code).toBe(0);
    expect(told(repository)).toEqual([]);
  });

  test.each(planted)("init writes nothing at all beside %s", async (_name, text, place) => {
    repository.write(config, text);

    const { error } = await init();

    expect(error).toContain("SKN-2094");
    expect(error).toContain(place);
    expect(repository.read(config)).toBe(text);
    for (const path of [".mcp.json", ".codex/hooks.json", ".git/hooks/pre-commit", ".git/skein"]) {
      expect(existsSync(join(repository.root, path)), path).toBe(false);
    }
    expect(await initIn(repository, { agents: ["claude"] })).toEqual({ code: 0, error: "" });
  });

  test("init --remove takes Skein's lines out, and leaves the fault to its owner", async () => {
    await setUp();
    edit((text) => `${text}\n[tui\n`);

    expect((await init(true)).code).toBe(0);

    expect(repository.read(config)).toBe('model = "x"\n\n[tui\n');
  });
});

describe("a file of Codex that leaves no place for Skein's lines", () => {
  test.each([
    ['mcp_servers = { skein = { command = "x" } }\n', "line 1: a server `skein` is set up there"],
    ['a = 1\nmcp_servers.skein.command = "x"\n', "line 2: a server `skein` is set up there"],
    ['[mcp_servers]\n"sk\\u0065in" = { command = "x" }\n', "a server `skein` is set up there"],
    ['[mcp_servers."skein"]\ncommand = "x"\n', "line 1: a server `skein` is set up there"],
    ['mcp_servers = { db = { command = "x" } }\n', "line 1: `mcp_servers` is one value there"],
    ["mcp_servers = 1\n", "line 1: `mcp_servers` is one value there"],
    ['[[mcp_servers]]\ncommand = "x"\n', "line 1: `mcp_servers` is one value there"],
    [
      "# >>> skein >>>\n[mcp_servers.skein]\n",
      "line 1: Skein's mark `# >>> skein >>>` stands alone",
    ],
    ['model = "x"\n# <<< skein <<<\n', "line 2: Skein's mark `# <<< skein <<<` stands alone"],
  ])("is told by init: %j", async (text, words) => {
    repository.write(config, text);

    const { error } = await init();

    expect(error).toContain("SKN-2093");
    expect(error).toContain(words);
    expect(repository.read(config)).toBe(text);
  });

  test.each([
    'mcp_servers.db.command = "x"\n',
    '[mcp_servers]\ndb = { command = "x" }\n',
    '[mcp_servers.db]\ncommand = "x"\n',
    '# """\nmodel = "x"\n',
    'notes = """\n[mcp_servers.skein]\n"""\n',
  ])("is not one that leaves it: %j", async (text) => {
    await setUp(text);

    expect(told(repository)).toEqual([]);
  });

  test("doctor tells of a second entry in every form, beside Skein's lines", async () => {
    for (const [text, words] of [
      ['\n[mcp_servers.skein]\ncommand = "x"\n', "line 10: a server `skein`"],
      ['\n[mcp_servers]\nskein.command = "x"\n', "line 11: a server `skein`"],
      ["\n# >>> skein >>>\n", "line 10: Skein's mark"],
    ] as const) {
      await setUp();
      edit((whole) => whole + text);

      expect(told(repository)).toEqual([
        expect.stringMatching(`^fail agent-file: ${config}, ${words}`),
      ]);
    }
  });

  test("init --remove takes every block of Skein out, and stops at a mark that stands alone", async () => {
    await setUp();
    const block = repository.read(config).slice('model = "x"\n'.length);
    edit((text) => `${text}a = 1\n${block}`);
    const twice = await init(true);
    expect([twice.code, repository.read(config)]).toEqual([0, 'model = "x"\na = 1\n']);

    edit(() => block.replace("# <<< skein <<<\n", ""));
    const alone = await init(true);
    expect(alone.error).toContain("SKN-2093");
    expect(alone.error).toContain("line 2: Skein's mark `# >>> skein >>>` stands alone");
  });
});

describe("a file of Codex in another form", () => {
  test("with line ends of Windows keeps them, and is well for doctor and --remove", async () => {
    const text = 'model = "x"\r\n\r\n[tui]\r\n';
    await setUp(text);
    expect(repository.read(config)).toContain("[mcp_servers.skein]");
    expect(repository.read(config).replaceAll("\r\n", "")).not.toMatch(/[\r\n]/u);
    expect(told(repository)).toEqual([]);

    edit((whole) => `${whole}a = 1\r\n`);
    await init(true);
    expect(repository.read(config)).toBe(`${text}a = 1\r\n`);
  });

  test("that git gave the line ends of Windows is well", async () => {
    await setUp();
    edit((text) => text.replaceAll("\n", "\r\n"));

    expect(told(repository)).toEqual([]);
  });

  test("with a byte order mark is read as any other", async () => {
    await setUp('\uFEFFmodel = "x"\n');
    expect(told(repository)).toEqual([]);

    edit((text) => text.replace('"x"', '"x'));
    expect(told(repository)).toEqual([expect.stringContaining("line 1, column 12")]);
  });
});

describe.each([config, ".mcp.json", ".claude/settings.json", ".codex/hooks.json"])(
  "a %s that is no text",
  (path) => {
    const huge = Buffer.alloc(300_000, "# x\n");

    test.each([
      ["bytes that are no UTF-8", Buffer.from("a = 1\nb = '\xE9'\n", "latin1"), "line 2, column 6"],
      ["UTF-16", Buffer.from('\uFEFFmodel = "x"\n', "utf16le"), "no UTF-8 from line 1, column 1"],
      ["a huge file", huge, "300,000 bytes, more than 262,144"],
    ])("is left as it is by init and told by doctor: %s", async (_name, bytes, words) => {
      await setUp();
      put(repository, path, bytes);

      expect(told(repository)).toEqual([
        expect.stringMatching(`^fail agent-file: ${path} .*${words}`),
      ]);
      const again = await init();
      expect(again.error).toContain(`SKN-2095 ${path}`);
      expect(bytesOf(path).equals(bytes)).toBe(true);
    });

    test("is told where it is a folder", async () => {
      await setUp();
      rmSync(join(repository.root, path));
      mkdirSync(join(repository.root, path));

      expect(told(repository)).toEqual([
        `fail agent-file: ${path} is a folder, where a file belongs.`,
      ]);
      expect((await init()).error).toContain("SKN-2095");
    });
  },
);

test("init --remove changes no byte of a file that is no UTF-8, and says so where Skein is in it", async () => {
  await setUp();
  const theirs = Buffer.from("a = '\xE9'\n", "latin1");
  put(repository, ".gemini/settings.json", theirs);
  const both = Buffer.concat([theirs, Buffer.from(repository.read(config))]);
  put(repository, config, both);

  const { error } = await init(true);
  expect(error).toContain(`SKN-2095 ${config}`);
  expect(bytesOf(config).equals(both)).toBe(true);
  expect(existsSync(join(repository.root, ".mcp.json"))).toBe(true);

  put(repository, config, 'model = "x"\n');
  expect(await init(true)).toEqual({ code: 0, error: "" });
  expect(bytesOf(".gemini/settings.json").equals(theirs)).toBe(true);
});

import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initIn, told } from "./init-stand.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

let repository: TestRepository;

beforeEach(() => {
  repository = createTestRepository();
});

afterEach(() => {
  repository.remove();
});

const file = ".claude/settings.json";

async function setUp(): Promise<void> {
  expect(await initIn(repository, { agents: ["claude"] })).toEqual({ code: 0, error: "" });
}

async function takeOut(): Promise<void> {
  expect(await initIn(repository, { agents: ["claude"], remove: true })).toEqual({
    code: 0,
    error: "",
  });
}

/** Changes the file as a person would, so that what `init` remembers of it is of no use. */
function edit(change: (text: string) => string): void {
  const text = repository.read(file);
  const changed = change(text);
  expect(changed).not.toBe(text);
  repository.write(file, changed);
}

function forget(): void {
  rmSync(join(repository.root, ".git/skein/init.json"));
}

/** Settings with one group under `Stop`, printed as few programs would. */
function withStop(...hooks: readonly string[]): string {
  return `{\n  "model" : "x",\n  "hooks": { "Stop": [\n    { "hooks": [ ${hooks.join(" , ")} ] }\n  ] }\n}\n`;
}

function aCommand(command: string): string {
  return `{"type":"command", "command": ${JSON.stringify(command)}}`;
}

describe("what only speaks of Skein's hook", () => {
  test.each([
    ["a command that does more before it", aCommand("backup && skein hook claude stop")],
    ["a command that does more behind it", aCommand("skein hook claude stop; say done")],
    ["a command that sends its answer elsewhere", aCommand("skein hook claude stop > log")],
    ["a command with a variable of its own", aCommand("DEBUG=1 skein hook claude stop")],
    ["a command with another word", aCommand("skein hook claude stop --verbose")],
    ["a command in a shell of its own", aCommand("sh -c 'skein hook claude stop'")],
    ["a command that runs something within", aCommand('node "$(x)/bin/skein.js" hook claude stop')],
    ["another program", aCommand("my-webhook claude stop")],
    ["a program of that end", aCommand("./my-skein hook claude stop")],
    ["a script of that name", aCommand("node tools/skein.js hook claude stop")],
    ["a text to print", aCommand("echo 'skein hook claude stop'")],
    ["a prompt", '{"type":"prompt","prompt":"Say whether skein hook claude stop has run."}'],
    ["a prompt with a command", '{"type":"prompt","command":"skein hook claude stop"}'],
    ["a note", '{"type":"command","command":"./mine","note":"as \\"skein hook claude stop\\""}'],
  ])("stays as it is: %s", async (_, hook) => {
    const before = withStop(hook);
    repository.write(file, before);

    await setUp();
    const once = repository.read(file);
    await setUp();
    expect(repository.read(file)).toBe(once);
    expect(once).toContain(`"Stop": [\n    { "hooks": [ ${hook} ] },`);

    edit((text) => text.replace('"x"', '"y"'));
    await takeOut();
    expect(repository.read(file)).toBe(before.replace('"x"', '"y"'));

    repository.write(file, before);
    rmSync(join(repository.root, ".git/skein"), { recursive: true, force: true });
    await takeOut();
    expect(repository.read(file)).toBe(before);
  });
});

describe("a hook in any form that Skein writes or wrote", () => {
  test.each([
    "skein hook claude stop",
    "/usr/bin/node /opt/skein/bin/skein.js hook claude stop",
    "'/home/j b/bin/node' '/home/j b/it'\\''s/bin/skein.js' hook claude stop",
    '"/usr/bin/node" "/opt/skein/bin/skein.js" hook claude stop',
    "'C:\\Program Files\\nodejs\\node.exe' 'C:\\skein\\bin\\skein.js' hook claude stop",
    'node "$CLAUDE_PROJECT_DIR/node_modules/skein/bin/skein.js" hook claude stop',
    'node "$(git rev-parse --show-toplevel)/node_modules/skein/bin/skein.js" hook claude stop',
    "npx --no skein hook claude stop",
    "npx -y skein hook claude stop",
  ])("is renewed and taken out: %s", async (command) => {
    repository.write(file, withStop(aCommand(command)));

    await setUp();
    const { hooks } = JSON.parse(repository.read(file));
    expect(hooks.Stop).toHaveLength(1);
    expect(hooks.Stop[0].hooks).toEqual([expect.objectContaining({ timeout: 10 })]);
    expect(hooks.Stop[0].hooks[0].command).toContain(process.execPath);

    repository.write(file, withStop(aCommand("./mine"), aCommand(command)));
    await takeOut();
    expect(repository.read(file)).toBe(withStop(aCommand("./mine")));
  });
});

describe("a group in which Skein's hook stands beside a person's", () => {
  const mine = '{"type":"command","command":"./mine","timeout":12345678901234567890,"x":1.0}';

  test.each([
    [(ours: string) => withStop(mine, ours)],
    [(ours: string) => withStop(ours, mine)],
    [(ours: string) => withStop(mine, ours, mine)],
  ])("keeps each other byte, whichever stands first", async (group) => {
    repository.write(file, group(aCommand("skein hook claude stop")));
    const left = group("-").replace(/ , -|- , /u, "");

    await setUp();
    expect(repository.read(file)).toContain(left.slice(left.indexOf("["), left.indexOf("\n  ] }")));

    edit((text) => text.replace('"x"', '"y"'));
    await takeOut();
    expect(repository.read(file)).toBe(left.replace('"x"', '"y"'));
  });

  test("keeps its comments and other keys, also when nothing but they are left", async () => {
    const gemini = ".gemini/settings.json";
    const ours = aCommand("skein hook gemini stop");
    const text = `{
  "hooks": {
    "AfterAgent": [
      // the first
      { "hooks": [ // mine
          ${mine}, // and Skein's
          ${ours} // to here
        ], "note": "1" },
      { "note": "2", /* kept */ "hooks": [${ours}] },
    ],
  },
}
`;
    repository.write(gemini, text);

    await initIn(repository, { agents: ["gemini"], remove: true });

    expect(repository.read(gemini)).toBe(
      text
        .replace(
          `${mine}, // and Skein's\n          ${ours} // to`,
          `${mine} // and Skein's\n          // to`,
        )
        .replace(`[${ours}]`, "[]"),
    );
  });

  test("is left alone where Skein's is as it has to be", async () => {
    await setUp();
    edit((text) => text.replace(/("hooks": \[)(\s+\{\s+"type")/u, '$1 {"type":"x"},$2'));
    const before = repository.read(file);

    await setUp();

    expect(repository.read(file)).toBe(before);
    expect(told(repository)).toEqual([]);
  });
});

describe("an object or a list that lost all it held", () => {
  test.each([
    ["{\n}\n", '{\n  "model": 1\n}\n'],
    ['{\n  "hooks": { }\n}\n', '{\n  "model": 1,\n  "hooks": { }\n}\n'],
    ['{\n  "hooks": {"Stop": [ ]}\n}\n', '{\n  "model": 1,\n  "hooks": {"Stop": [ ]}\n}\n'],
  ])("goes where Skein made it, and stays where it was before: %j", async (before, after) => {
    repository.write(file, before);
    await setUp();

    edit((text) => text.replace("{", '{\n  "model": 1,'));
    await takeOut();

    expect(repository.read(file)).toBe(after);
  });

  test("goes where nobody remembers it, unless there is a comment in it", async () => {
    repository.write(file, '{ "model": 1 }\n');
    await setUp();
    forget();
    await takeOut();
    expect(repository.read(file)).toBe('{ "model": 1 }\n');

    repository.write(file, '{ "hooks": { /* mine */ } }\n');
    await setUp();
    forget();
    await takeOut();
    expect(repository.read(file)).toBe('{ "hooks": { /* mine */ } }\n');
  });

  test.each([
    ['{ "hooks": /* mine */ {} }\n'],
    ['{ "hooks": { "Stop" /* mine */ : [] } }\n'],
    ['{ "hooks": { "Mine": [] }, "hooks": {} }\n'],
  ])("stays where a comment speaks of it, or its key stands twice: %s", async (text) => {
    repository.write(file, text);
    await setUp();
    forget();

    await takeOut();

    expect(repository.read(file)).toBe(text);
  });

  test("stays where nothing in it was Skein's", async () => {
    const text = '{ "hooks": { "Stop": [], "Start": {} } }\n';
    repository.write(file, text);
    repository.write(".gemini/settings.json", '{ "hooks": {}, "mcpServers": {} }');
    await setUp();
    edit((now) => now.replace("{", '{ "model": 1,'));

    await takeOut();

    expect(repository.read(file)).toBe(text.replace("{", '{ "model": 1,'));
    expect(repository.read(".gemini/settings.json")).toBe('{ "hooks": {}, "mcpServers": {} }');
  });

  test("keeps the file that was there before", async () => {
    repository.write(".mcp.json", '{ "mcpServers": {} }');
    await setUp();
    repository.write(".mcp.json", `${repository.read(".mcp.json")}\n`);

    await takeOut();

    expect(repository.read(".mcp.json")).toBe('{ "mcpServers": {} }\n');
  });

  test("does not bring what is behind a comment into it", async () => {
    const text = '{\n  "model": 1,\n  "hooks": { // none yet\n  }\n}\n';
    repository.write(file, text);
    await setUp();
    forget();

    await takeOut();

    expect(repository.read(file)).toBe(text);
  });
});

describe("a server of the name `skein`", () => {
  test("that is a person's own comes back, also when something else was changed since", async () => {
    const own =
      '{ "mcpServers": { "skein": {"type":"http", "url":"https://knit.example/mcp"} } }\n';
    repository.write(".mcp.json", own);
    await setUp();
    const text = repository.read(".mcp.json");
    await takeOut();
    expect(repository.read(".mcp.json")).toBe(own);

    await setUp();
    expect(repository.read(".mcp.json")).toBe(text);
    repository.write(".mcp.json", text.replace("{", '{ "a": 1,'));
    await takeOut();
    expect(repository.read(".mcp.json")).toBe(own.replace("{", '{ "a": 1,'));
  });

  test("keeps what a person added to it, until it is taken out", async () => {
    await setUp();
    const path = ".mcp.json";
    const added = repository
      .read(path)
      .replace('"skein": {', '"skein": {\n      "env": {"A": 1.0},');
    repository.write(path, added.replace(process.execPath, "/old/node"));

    await setUp();
    expect(repository.read(path)).toBe(added);

    await takeOut();
    expect(repository.files().has(path)).toBe(false);
  });
});

describe("a command of a person's that runs Skein's hook as well", () => {
  test.each([
    ["skein hook claude stop || true"],
    ["cd x && DEBUG=1 timeout 5 npx skein hook claude stop"],
    ["bash -c 'skein hook claude stop 2>&1'"],
  ])("is named by doctor: %s", async (command) => {
    repository.write(file, withStop(aCommand(command)));
    await setUp();

    expect(told(repository)).toEqual([
      `warn agent-twice: ${file}, line 4: a command of yours runs \`skein hook claude stop\` a second time under Stop.`,
    ]);
  });

  test.each([["my-webhook claude stop"], ["echo 'skein hook claude stop'"], ["echo skein's"]])(
    "is not seen in others: %s",
    async (command) => {
      repository.write(file, withStop(aCommand(command)));
      await setUp();

      expect(told(repository)).toEqual([]);
    },
  );
});

test("a file that nests without end is refused for that", async () => {
  repository.write(file, "[".repeat(100_000) + "]".repeat(100_000));

  expect((await initIn(repository, { agents: ["claude"] })).error).toBe(
    `SKN-2091 ${file}, line 1, column 201: lists and objects stand in one another more than 200 deep.`,
  );
});

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ownFile } from "./command-line.ts";
import { agentTroubles, initIn, put, told } from "./init/init-stand.ts";
import { createTestRepository } from "./init/repository.ts";
import type { TestRepository } from "./init/repository.ts";

let repository: TestRepository;

beforeEach(async () => {
  repository = createTestRepository();
  const agents = ["claude", "codex", "gemini", "opencode", "cursor", "vscode"];
  expect(await initIn(repository, { agents })).toEqual({ code: 0, error: "" });
});

afterEach(() => {
  repository.remove();
});

type Loose = Record<string, unknown>;

/** Changes one value of a JSON file, whose keys are given from the root; undefined takes it away. */
function set(path: string, keys: readonly string[], value: unknown): void {
  let text = "{}";
  try {
    text = repository.read(path);
  } catch {
    // A new file.
  }
  const whole: Loose = JSON.parse(text);
  let holder: Loose = whole;
  for (const key of keys.slice(0, -1)) {
    holder[key] ??= {};
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    holder = holder[key] as Loose;
  }
  holder[keys.at(-1) ?? ""] = value;
  put(repository, path, `${JSON.stringify(whole, null, 2)}\n`);
}

function edit(path: string, change: (text: string) => string): void {
  repository.write(path, change(repository.read(path)));
}

/** From 1. */
function lineOf(path: string, word: string): number {
  return (
    repository
      .read(path)
      .split("\n")
      .findIndex((each) => each.includes(word)) + 1
  );
}

test("nothing is found right after init", () => {
  expect(told(repository)).toEqual([]);
});

describe("a setting that turns Skein off", () => {
  const config = ".codex/config.toml";

  test.each([
    [".claude/settings.json", ["permissions", "deny"], ["mcp__skein"], "tools"],
    [".claude/settings.local.json", ["permissions", "deny"], ["mcp__skein__next_task"], "tools"],
    [".gemini/settings.json", ["mcp"], { excluded: ["skein"] }, "server"],
    [".gemini/settings.json", ["mcp"], { allowed: ["db"] }, "server"],
    ["opencode.json", ["tools"], { "skein*": false }, "tools"],
    ["opencode.json", ["permission"], { "skein_*": "deny" }, "tools"],
    [".vscode/settings.json", ["chat.mcp.access"], "none", "server"],
    [".vscode/settings.json", ["chat.mcp.enabled"], false, "server"],
  ] as const)("is named: %s %j", (...[path, keys, value, off]) => {
    set(path, keys, value);

    expect(agentTroubles(repository)).toEqual([
      expect.objectContaining({
        id: "agent-off",
        what: expect.stringMatching(`^${path} .*\`${keys.join(".")}.*in line \\d+: .*${off}`),
      }),
    ]);
  });

  test.each([
    [".claude/settings.json", ["permissions", "deny"], ["Bash(rm:*)", "mcp__skeins"]],
    [".claude/settings.local.json", ["disabledMcpjsonServers"], ["db"]],
    [".gemini/settings.json", ["mcp"], { excluded: ["db"], allowed: ["db", "skein"] }],
    [".gemini/settings.json", ["mcp"], { allowed: [] }],
    ["opencode.json", ["tools"], { "db*": false, "skein*": true }],
    [".vscode/settings.json", ["chat.mcp.access"], "all"],
  ] as const)("is not seen where there is none: %s %j", (...[path, keys, value]) => {
    set(path, keys, value);

    expect(told(repository)).toEqual([]);
  });

  test.each([
    ["enabled = false\n", "server", 7],
    ['disabled_tools = ["next_task"]\n', "tools", 7],
    ['enabled_tools = ["look"]\n', "tools", 7],
    ["[features]\nhooks = false\n", "hooks", 8],
    ["[features]\ncodex_hooks = false # mine\n", "hooks", 8],
  ] as const)("is named in Codex's TOML, below Skein's lines: %j", (text, off, line) => {
    edit(config, (whole) => whole + text);

    expect(told(repository)).toEqual([
      expect.stringMatching(`^warn agent-off: ${config} .* in line ${String(line)}: .*${off}`),
    ]);
  });

  test.each(["features = { hooks = false }\n", "features.hooks = false\n"])(
    "is named in Codex's TOML in every form: %j",
    (text) => {
      edit(config, (whole) => text + whole);

      expect(told(repository)).toEqual([expect.stringContaining("in line 1: the hooks")]);
    },
  );

  test.each(["includeTools", "excludeTools"])(
    "is named in Gemini's %s of Skein's server",
    (key) => {
      set(".gemini/settings.json", ["mcpServers", "skein", key], ["look"]);

      expect(told(repository)).toContainEqual(
        expect.stringMatching(
          `^warn agent-off: .gemini/settings.json .*${key}.* some of Skein's tools`,
        ),
      );
    },
  );

  test("is named in the other file of opencode", () => {
    put(repository, "opencode.jsonc", '{ "tools": { "skein*": false } } // mine\n');

    expect(told(repository)).toContainEqual(
      expect.stringMatching(/^warn agent-off: opencode\.jsonc .*tools/u),
    );
  });

  test("is named among Skein's own lines, with the line from which they differ", () => {
    edit(config, (text) => text.replace("# <<<", "enabled = false\n# <<<"));
    set("opencode.json", ["mcp", "skein", "enabled"], false);
    set(".cursor/mcp.json", ["mcpServers", "skein", "disabled"], true);

    expect(told(repository)).toEqual([
      `warn agent-config: ${config} is not as this Skein would write it, from line 6 on.`,
      expect.stringMatching(/^warn agent-config: opencode\.json is not .* from line \d+ on\.$/u),
      expect.stringMatching(`^warn agent-off: ${config} .* in line 6: the server`),
      expect.stringMatching(/^warn agent-off: opencode\.json .* in line \d+: the server/u),
      `warn agent-off: .cursor/mcp.json turns off what is Skein's by \`mcpServers.skein.disabled\` in line ${String(lineOf(".cursor/mcp.json", "disabled"))}: the server of this program does not run.`,
    ]);
  });
});

test("a setting below Skein's lines in Codex's TOML, which belongs to the server there, is named", () => {
  edit(".codex/config.toml", (text) => `${text}startup_timeout_sec = 20\nmodel = "x"\n`);

  expect(told(repository)).toEqual([
    expect.stringMatching(
      /^warn agent-stray: \.codex\/config\.toml, line 8: `model` stands below/u,
    ),
  ]);

  edit(".codex/config.toml", (text) => text.replace("model", "[profiles.x]\nmodel"));
  expect(told(repository)).toEqual([]);
});

describe("a value of another kind at its place", () => {
  test.each([
    [".mcp.json", ["mcpServers"], [], "line 2, column 17: `mcpServers` is a list, where an object"],
    [".mcp.json", ["mcpServers"], null, "line 2, column 17: `mcpServers` is null, where an object"],
    [
      ".claude/settings.json",
      ["hooks"],
      "x",
      "line 2, column 12: `hooks` is a text, where an object",
    ],
    [".codex/hooks.json", ["hooks", "Stop"], {}, "`hooks.Stop` is an object, where a list belongs"],
    [
      ".gemini/settings.json",
      ["mcpServers"],
      1,
      "`mcpServers` is a number, where an object belongs",
    ],
    ["opencode.json", ["mcp"], true, "`mcp` is a boolean, where an object belongs"],
    [".vscode/mcp.json", ["servers"], [], "`servers` is a list, where an object belongs"],
  ] as const)("is named with its place: %s %j", (...[path, keys, value, words]) => {
    set(path, keys, value);

    expect(agentTroubles(repository)).toEqual([
      expect.objectContaining({ id: "agent-file", what: expect.stringContaining(words) }),
    ]);
  });

  test("is named where it is the whole file", () => {
    repository.write(".cursor/mcp.json", "[]\n");

    expect(told(repository)).toEqual([
      "fail agent-file: .cursor/mcp.json, line 1, column 1: the whole is a list, where an object belongs.",
    ]);
  });
});

describe("what programs read otherwise than Skein does", () => {
  test.each([
    [".mcp.json", /\n\}\n$/u, "\n,}\n", "a comma"],
    [".claude/settings.json", /^/u, "// mine\n", "a comment"],
    [".codex/hooks.json", /^\{/u, "{ /* mine */", "a comment"],
    [".gemini/settings.json", /\n\}\n$/u, ",\n}\n", "a comma"],
  ] as const)("is named: %s with %s", (...[path, pattern, put_, words]) => {
    edit(path, (text) => text.replace(pattern, put_));

    expect(told(repository)).toEqual([
      expect.stringMatching(`^warn agent-json: ${path}, line \\d+, column \\d+: ${words}`),
    ]);
  });

  test.each([
    [".gemini/settings.json", /^/u, "// mine\n"],
    [".vscode/mcp.json", /\n\}\n$/u, ",\n}\n"],
    ["opencode.json", /^/u, "// mine\n"],
  ] as const)("is none in %s", (path, pattern, text) => {
    edit(path, (whole) => whole.replace(pattern, text));

    expect(told(repository)).toEqual([]);
  });

  test("is a key that stands twice, and what is behind it", () => {
    edit(".mcp.json", (text) => text.replace("{", '{\n  "mcpServers": { "db": {} },'));

    expect(told(repository)).toEqual([
      'warn agent-twice: .mcp.json, line 3, column 3: "mcpServers" stands a second time in its object.',
    ]);
  });

  test("is a hook of Skein that stands twice", () => {
    const { hooks } = JSON.parse(repository.read(".claude/settings.json"));
    set(".claude/settings.json", ["hooks", "Stop"], [...hooks.Stop, ...hooks.Stop]);

    expect(told(repository)).toEqual([
      expect.stringMatching(
        /^warn agent-twice: \.claude\/settings\.json, line \d+: `skein hook claude stop` stands a second time under Stop\.$/u,
      ),
    ]);
  });
});

test("a file of a person's own settings that is no JSON is named, as those are that init writes", () => {
  repository.write(".claude/settings.local.json", '{\n  "a": \n');

  expect(told(repository)).toEqual([
    "fail agent-file: .claude/settings.local.json is no JSON: line 3, column 1.",
  ]);
});

test("a file where the folder of an agent program belongs is named, and init writes nothing", async () => {
  rmSync(join(repository.root, ".claude"), { recursive: true });
  rmSync(join(repository.root, ".mcp.json"));
  writeFileSync(join(repository.root, ".claude"), "");

  expect(told(repository)).toContainEqual(
    expect.stringMatching(
      /^fail agent-file: \.claude\/settings\.json cannot be there: .* is a file/u,
    ),
  );
  expect((await initIn(repository, { agents: ["claude"] })).error).toContain("SKN-2095");
  expect(repository.files().has(".mcp.json")).toBe(false);
});

describe("a person's own settings of Codex, for all repositories", () => {
  test.each(["HOME", "CODEX_HOME"])(
    "are looked at, by %s: those of no TOML, and what is off",
    (name) => {
      const home = join(repository.root, ".git/home");
      const file = name === "HOME" ? ".git/home/.codex/config.toml" : ".git/home/config.toml";
      const found = (text: string): readonly string[] => {
        repository.write(file, text);
        return agentTroubles(repository, { [name]: home }).map(({ id, what }) => `${id}: ${what}`);
      };

      expect(found('model = "x"\n[mcp_servers.db]\ncommand = "db"\n')).toEqual([]);
      expect(found('model = "x\n')).toEqual([
        expect.stringMatching(
          /^agent-file: .*config\.toml is no TOML: line 1, column 11: A quote/u,
        ),
      ]);
      expect(found("[mcp_servers.skein]\nenabled = false\n")).toEqual([
        expect.stringMatching(/^agent-off: .*config\.toml .* in line 2: the server/u),
      ]);
    },
  );
});

test("an empty CODEX_HOME is none, and not the folder in which doctor runs", () => {
  const before = process.cwd();
  repository.write("config.toml", "no TOML\n");
  repository.write(".git/home/.codex/config.toml", "[mcp_servers.skein]\nenabled = false\n");
  try {
    process.chdir(repository.root);
    const home = { CODEX_HOME: "", HOME: join(repository.root, ".git/home") };
    const found = agentTroubles(repository, home).map(({ id, what }) => `${id}: ${what}`);

    expect(found).toEqual([
      expect.stringMatching(/^agent-off: .*\.codex\/config\.toml .* in line 2: the server/u),
    ]);
  } finally {
    process.chdir(before);
  }
});

test("a Skein of the repository that is not installed is named", async () => {
  const bin = join(repository.root, "node_modules/skein/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "skein.js"), "");
  await initIn(repository, { agents: ["claude"], isPortable: true });
  rmSync(join(repository.root, "node_modules"), { recursive: true });

  expect(told(repository).filter((line) => line.includes("node_modules"))).toEqual([
    "fail agent-command: .mcp.json calls node_modules/skein/bin/skein.js, which is not installed here.",
    "fail agent-command: .claude/settings.json calls node_modules/skein/bin/skein.js, which is not installed here.",
  ]);
});

test("each has its place in the documentation", () => {
  const page = ownFile("docs/cli.md");

  for (const id of ["agent-json", "agent-off", "agent-stray", "agent-twice"]) {
    expect(page, id).toContain(`### ${id}\n`);
  }
});

describe("what a person chose with --agents", () => {
  const claudeFiles = [".mcp.json", ".claude"];

  beforeEach(async () => {
    await initIn(repository, { agents: [], remove: true });
    put(repository, "CLAUDE.md", "Be kind.\n");
    put(repository, "AGENTS.md", "Be kind.\n");
  });

  test("is taken as it is: none, as beside the plugin, or some", async () => {
    await initIn(repository, { agents: ["none"] });
    expect(told(repository)).toEqual([]);

    await initIn(repository, { agents: ["codex"] });
    expect(told(repository)).toEqual([]);
  });

  test("does not hide what is gone of a program that was chosen, or broken of one that was set up before", async () => {
    await initIn(repository, { agents: ["claude"] });
    for (const path of claudeFiles) {
      rmSync(join(repository.root, path), { recursive: true });
    }
    expect(told(repository)).toHaveLength(2);

    await initIn(repository, { agents: ["claude"] });
    await initIn(repository, { agents: ["codex"] });
    rmSync(join(repository.root, ".claude"), { recursive: true });
    expect(told(repository)).toEqual([
      "warn agent-missing: Claude Code is used here, but .claude/settings.json does not name Skein.",
    ]);
  });

  test("holds in a worktree in which init did not run, and is forgotten with a removal", async () => {
    repository.git("add", "--all");
    repository.git("commit", "--quiet", "--no-verify", "-m", "Begin");
    await initIn(repository, { agents: ["none"] });
    const root = join(repository.root, ".git/ada");
    repository.git("worktree", "add", "--quiet", root);
    expect(told({ ...repository, root })).toEqual([]);

    await initIn(repository, { agents: [], remove: true });

    expect(told(repository)).toHaveLength(4);
  });
});

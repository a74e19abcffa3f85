import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runInit } from "../../../src/cli/init/init.ts";
import type { InitIo, InitOptions } from "../../../src/cli/init/init.ts";
import type { LiveCheck } from "../../../src/cli/init/live-check.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

const defaults: InitOptions = {
  yes: true,
  dryRun: false,
  remove: false,
  json: false,
  portable: false,
  agents: null,
};

let repository: TestRepository;
let output: string[];
let stores: number;
const madeWorktrees: string[] = [];

beforeEach(() => {
  repository = createTestRepository();
  output = [];
  stores = 0;
});

afterEach(() => {
  for (const path of madeWorktrees.splice(0)) {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
  repository.remove();
});

const answering: LiveCheck = { ok: true, tools: ["next_task"], ms: 1 };

function ioOf(changes: Partial<InitIo> = {}): InitIo {
  return {
    cwd: repository.root,
    env: { PATH: "", HOME: repository.root, GIT_CONFIG_GLOBAL: "/dev/null" },
    out: (line) => output.push(line),
    warn: (line) => output.push(line),
    confirm: null,
    openStore: async () => {
      stores += 1;
    },
    describeStore: async () =>
      Promise.resolve({ shown: "skein.db", project: null, needsAgreement: false }),
    check: async () => answering,
    ...changes,
  };
}

async function init(options: Partial<InitOptions> = {}, io: Partial<InitIo> = {}): Promise<number> {
  // PATH is empty so that programs of this machine are not found; git itself is called through its own lookup.
  const path = process.env["PATH"] ?? "";
  const bare = mkdtempSync(join(tmpdir(), "skein-path-"));
  try {
    symlinkSync(gitProgram(path), join(bare, "git"));
    return await runInit(
      { ...defaults, ...options },
      ioOf({ env: { PATH: bare, HOME: repository.root }, ...io }),
    );
  } finally {
    rmSync(bare, { recursive: true });
  }
}

function gitProgram(path: string): string {
  const folder = path.split(":").find((entry) => existsSync(join(entry, "git")));
  return join(folder ?? "/usr/bin", "git");
}

const everyAgent = ["claude", "codex", "gemini", "opencode", "cursor", "vscode"];

describe("runInit", () => {
  it("configures Claude Code and Codex where nothing tells what is used", async () => {
    expect(await init()).toBe(0);

    const server = JSON.parse(repository.read(".mcp.json")).mcpServers.skein;
    expect(server).toMatchObject({ command: process.execPath, alwaysLoad: true });
    expect(server.args.at(-1)).toBe("mcp");
    expect(repository.read(".codex/config.toml")).toContain("[mcp_servers.skein]");
    const hooks = JSON.parse(repository.read(".claude/settings.json")).hooks;
    expect(hooks.PreToolUse[0].matcher).toBe("Edit|Write|MultiEdit|NotebookEdit");
    expect(hooks.PreToolUse[0].hooks[0].command).toContain("hook claude pre-edit");
    expect(JSON.parse(repository.read(".codex/hooks.json")).hooks.PreToolUse[0].matcher).toContain(
      "apply_patch",
    );
    expect(stores).toBe(1);
  });

  it("configures what it finds and nothing else", async () => {
    repository.write(".gemini/settings.json", "{}\n");
    repository.write(".vscode/settings.json", "{}\n");

    await init();

    expect(JSON.parse(repository.read(".gemini/settings.json")).mcpServers.skein).toMatchObject({
      command: expect.any(String),
      args: expect.arrayContaining(["mcp"]),
    });
    expect(JSON.parse(repository.read(".vscode/mcp.json")).servers.skein.type).toBe("stdio");
    expect(repository.files().has(".mcp.json")).toBe(false);
  });

  it("leaves all programs alone when asked to, as beside the plugin", async () => {
    await init({ agents: ["none"] });

    const paths = [...repository.files().keys()].filter((path) => !/^\.git(?:\/|$)/u.test(path));
    expect(paths).toEqual([]);
    expect(repository.read(".git/hooks/pre-commit")).toContain("guard pre-commit");
  });

  it("keeps what others wrote: comments, order, their servers and their hooks", async () => {
    const theirs = '{\n  // ours\n  "mcpServers": {\n    "db": { "command": "db" }\n  }\n}\n';
    repository.write(".mcp.json", theirs);
    repository.write(
      ".claude/settings.json",
      '{"permissions":{"allow":["Bash(ls)"]},"hooks":{"Stop":[{"hooks":[{"type":"command","command":"say done"}]}]}}',
    );
    repository.write(".codex/config.toml", 'model = "x" # mine\n');

    await init();

    expect(repository.read(".mcp.json").startsWith(theirs.slice(0, theirs.indexOf(" }") + 2))).toBe(
      true,
    );
    const settings = JSON.parse(repository.read(".claude/settings.json"));
    expect(settings.permissions).toEqual({ allow: ["Bash(ls)"] });
    expect(settings.hooks.Stop).toHaveLength(2);
    expect(settings.hooks.Stop[0].hooks[0].command).toBe("say done");
    expect(repository.read(".codex/config.toml").startsWith('model = "x" # mine\n')).toBe(true);
  });

  it("changes nothing the second time", async () => {
    await init({ agents: everyAgent });
    const first = repository.files();

    await init({ agents: everyAgent });

    expect(repository.files()).toEqual(first);
    expect(output.at(-2)).toBe("No change: everything is in place.");
  });

  it("gives back every byte with --remove", async () => {
    repository.write(".mcp.json", '{\n\t"mcpServers" : { "db":{"command":"db"} , }\n}');
    repository.write(".codex/config.toml", 'model = "x"');
    repository.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    chmodSync(join(repository.root, ".git/hooks/pre-commit"), 0o755);
    const before = repository.files();
    await init({ agents: everyAgent });
    expect(repository.files()).not.toEqual(before);

    expect(await init({ remove: true })).toBe(0);

    expect(repository.files()).toEqual(before);
    expect(output.at(-1)).toMatch(/The ledger stays where it is: \S+\.$/u);
    expect(await init({ remove: true })).toBe(0);
    expect(output.at(-1)).toMatch(/^Nothing of Skein is in the files here\./u);
    expect(repository.files()).toEqual(before);
  });

  it("takes only its own part out of a file that was changed since", async () => {
    await init({ agents: ["claude"] });
    const text = repository.read(".mcp.json");
    repository.write(
      ".mcp.json",
      text.replace('"mcpServers": {', '"mcpServers": {\n    "db": {},'),
    );
    const settings = repository.read(".claude/settings.json");
    repository.write(".claude/settings.json", settings.replace("{", '{\n  "model": "x",'));

    await init({ remove: true });

    expect(JSON.parse(repository.read(".mcp.json"))).toEqual({ mcpServers: { db: {} } });
    expect(JSON.parse(repository.read(".claude/settings.json"))).toEqual({ model: "x" });
  });

  it("takes itself out of a clone, where nothing is recorded", async () => {
    await init({ agents: everyAgent });
    rmSync(join(repository.root, ".git/skein"), { recursive: true });

    await init({ remove: true });

    const left = [...repository.files()].filter(([, text]) => /skein/u.test(text));
    expect(left).toEqual([]);
  });

  it("leaves files that hold nothing of its own, be they empty", async () => {
    const own = {
      ".vscode/mcp.json": '{\n\t"servers": {}\n}\n',
      ".cursor/mcp.json": "{}",
      ".codex/config.toml": "\n",
      ".opencode/plugin/skein.js": "export const Mine = null;\n",
      ".husky/pre-push": "#!/bin/sh\n",
    };
    for (const [path, text] of Object.entries(own)) {
      repository.write(path, text);
    }
    repository.git("config", "core.hooksPath", ".husky");
    const before = repository.files();
    expect(await init({ remove: true })).toBe(0);
    expect(repository.files()).toEqual(before);

    await init({ agents: ["claude"] });
    for (let time = 0; time < 2; time += 1) {
      await init({ remove: true });
      expect(repository.files()).toEqual(before);
    }
  });

  it("counts no worktree that was not set up, whatever empty files it brings", async () => {
    repository.write(".cursor/mcp.json", '{ "mcpServers": {} }\n');
    commitAll();
    linkedWorktree("one");
    await init({ agents: ["claude"] });

    await init({ remove: true });

    expect(existsSync(join(repository.root, ".git/hooks/pre-commit"))).toBe(false);
  });

  it("renews a command that names an older place, without a second entry", async () => {
    await init({ agents: ["claude"] });
    const settings = repository.read(".claude/settings.json");
    repository.write(".claude/settings.json", settings.replaceAll(process.execPath, "/old/node"));

    await init({ agents: ["claude"] });

    expect(repository.read(".claude/settings.json")).toBe(settings);
  });

  it("writes nothing on a dry run and shows the change", async () => {
    const before = repository.files();

    expect(await init({ dryRun: true })).toBe(0);

    expect(repository.files()).toEqual(before);
    expect(output.join("\n")).toContain("+++ b/.mcp.json");
    expect(stores).toBe(0);
  });

  it("asks before it writes, and takes no for an answer", async () => {
    const before = repository.files();

    const asked: string[] = [];
    const confirm: InitIo["confirm"] = async (question) => {
      asked.push(output.at(-1) ?? "", question);
      return false;
    };
    await init({ yes: false, agents: ["cursor"] }, { confirm });

    expect(repository.files()).toEqual(before);
    expect(asked).toEqual([
      "To change: .cursor/mcp.json, .git/hooks/pre-commit, .git/hooks/commit-msg, .git/hooks/pre-push, .git/info/exclude.",
      "Change 5 files?",
    ]);
  });

  it("does not guess where nobody can be asked", async () => {
    await expect(init({ yes: false })).rejects.toMatchObject({ code: "SKN-1092" });
  });

  it("names the place of a fault in a file and changes none", async () => {
    repository.write(".claude/settings.json", '{\n  "hooks": {,}\n}\n');
    const before = repository.files();

    await expect(init()).rejects.toMatchObject({
      code: "SKN-2091",
      facts: { file: ".claude/settings.json", line: 2, column: 13 },
    });
    expect(repository.files()).toEqual(before);
  });

  it("refuses a file that a link puts outside the repository", async () => {
    const outside = mkdtempSync(join(tmpdir(), "skein-outside-"));
    try {
      symlinkSync(outside, join(repository.root, ".claude"));

      await expect(init({ agents: ["claude"] })).rejects.toMatchObject({ code: "SKN-8091" });
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("knows a program by its name only, and guesses at slips", async () => {
    await expect(init({ agents: ["claud"] })).rejects.toMatchObject({
      code: "SKN-1091",
      fix: "Did you mean claude?",
    });
  });

  it("writes no path of this machine when the files are to be shared", async () => {
    await init({ portable: true, agents: everyAgent });

    const texts = [...repository.files()].map(([, text]) => text).join("\n");
    expect(texts).not.toContain(process.execPath);
    expect(JSON.parse(repository.read(".mcp.json")).mcpServers.skein.args).toEqual([
      "--no",
      "skein",
      "mcp",
    ]);
  });

  describe("where the files are committed for every machine", () => {
    const agents = ["claude", "codex"];

    it("leaves them as they are, and tries the command that they name", async () => {
      await init({ portable: true, agents });
      commitAll();
      const commands: string[] = [];
      const check: InitIo["check"] = async ({ command: { command, args } }) => {
        commands.push([command, ...args].join(" "));
        return Promise.resolve({ ok: false, detail: "404" });
      };

      expect(await init({ agents }, { check })).toBe(1);

      expect(repository.git("status", "--porcelain")).toBe("");
      expect(commands).toEqual(["npx --no skein mcp"]);
      expect(output).toContain(
        "Committed without a path of this machine, and left so: .mcp.json, .claude/settings.json, .codex/config.toml, .codex/hooks.json.",
      );
      expect(output.join("\n")).toContain("run `npm link` in a checkout of Skein");
    });

    it("leaves them so in a worktree, too", async () => {
      await init({ portable: true, agents });
      commitAll();
      const linked = linkedWorktree("one");

      await init({ agents }, { cwd: linked });

      expect(repository.git("-C", linked, "status", "--porcelain")).toBe("");
      expect(repository.git("status", "--porcelain")).toBe("");
    });

    it("writes this machine's paths into those that nobody committed", async () => {
      await init({ portable: true, agents });

      await init({ agents });

      expect(repository.read(".mcp.json")).toContain(process.execPath);
    });
  });

  it("reports as data", async () => {
    await init({ json: true, agents: ["cursor"] });

    const data = JSON.parse(output.join(""));
    expect(data.changes).toContainEqual({ path: ".cursor/mcp.json", action: "create" });
    expect(data.check).toEqual(answering);
  });

  it("fails when the configured server does not answer", async () => {
    expect(await init({}, { check: async () => ({ ok: false, detail: "boom" }) })).toBe(1);
    expect(output.join("\n")).toContain("boom");
  });

  it("leaves git's hooks alone where they belong to all repositories", async () => {
    const outside = mkdtempSync(join(tmpdir(), "skein-hooks-"));
    repository.git("config", "core.hooksPath", outside);
    try {
      await init({ agents: ["cursor"] });

      expect(output.join("\n")).toContain("outside this repository");
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("adds itself to husky's scripts", async () => {
    repository.write(".husky/pre-commit", "npm test\n");
    repository.write(".husky/_/pre-commit", "generated\n");
    repository.git("config", "core.hooksPath", ".husky/_");

    await init({ agents: ["cursor"] });

    expect(repository.read(".husky/pre-commit").startsWith("npm test\n")).toBe(true);
    expect(repository.read(".husky/pre-commit")).toContain("guard pre-commit");
    expect(repository.read(".husky/_/pre-commit")).toBe("generated\n");
    await init({ remove: true });
    expect(repository.read(".husky/pre-commit")).toBe("npm test\n");
  });
});

describe("runInit in a linked worktree", () => {
  it("puts Codex's hooks where Codex reads them: in the main worktree", async () => {
    const linked = join(repository.root, "linked");
    repository.git("commit", "--quiet", "--allow-empty", "-m", "Begin");
    repository.git("worktree", "add", "--quiet", linked);

    await init({ agents: ["codex"] }, { cwd: linked });

    expect(repository.read(".codex/hooks.json")).toContain("hook codex pre-edit");
    expect(existsSync(join(linked, ".codex", "config.toml"))).toBe(true);
    expect(existsSync(join(linked, ".codex", "hooks.json"))).toBe(false);

    await init({ remove: true }, { cwd: linked });

    expect(existsSync(join(repository.root, ".codex", "hooks.json"))).toBe(false);
  });

  it("says in which file the hooks stand, which is not among its own", async () => {
    const linked = linkedWorktree("linked");

    await init({ agents: ["codex"] }, { cwd: linked });

    const said = output.find((line) => line.includes("main worktree alone"));
    expect(said).toContain(join(repository.root, ".codex/hooks.json"));
  });

  it("takes back one worktree's part and leaves the others guarded, in whichever order", async () => {
    const before = repository.files();
    const [one, two] = [linkedWorktree("one"), linkedWorktree("two")];
    const all = [repository.root, one, two];
    for (const cwd of all) {
      await init({ agents: ["claude", "codex"] }, { cwd });
    }
    for (const cwd of [one, repository.root]) {
      const left = await init({ remove: true }, { cwd });

      expect(left).toBe(0);
      expect(existsSync(join(cwd, ".mcp.json"))).toBe(false);
      expect(existsSync(join(cwd, ".codex/config.toml"))).toBe(false);
      expect(existsSync(join(two, ".mcp.json"))).toBe(true);
      expect(repository.read(".codex/hooks.json")).toContain("hook codex pre-edit");
      expect(repository.read(".git/hooks/pre-commit")).toContain("guard pre-commit");
    }
    await init({ remove: true }, { cwd: two });

    for (const cwd of [one, two]) {
      repository.git("worktree", "remove", cwd);
    }
    expect(repository.files()).toEqual(before);
  });

  it("takes Codex's hooks away when those who stay do not use Codex", async () => {
    const [one, two] = [linkedWorktree("one"), linkedWorktree("two")];
    await init({ agents: ["codex"] }, { cwd: one });
    await init({ agents: ["none"] }, { cwd: two });

    await init({ remove: true }, { cwd: one });

    expect(existsSync(join(repository.root, ".codex/hooks.json"))).toBe(false);
    expect(repository.read(".git/hooks/pre-commit")).toContain("guard pre-commit");
  });

  it("forgets worktrees that are gone", async () => {
    const [one, two] = [linkedWorktree("one"), linkedWorktree("two")];
    for (const cwd of [one, two]) {
      await init({ agents: ["claude"] }, { cwd });
    }
    rmSync(one, { recursive: true });

    await init({ remove: true }, { cwd: two });

    expect(existsSync(join(repository.root, ".git/hooks/pre-commit"))).toBe(false);
    expect(existsSync(join(repository.root, ".git/skein/init.json"))).toBe(false);
  });
});

function commitAll(): void {
  repository.git("add", "--all");
  repository.git("commit", "--quiet", "--no-verify", "--message", "For all");
}

function linkedWorktree(name: string): string {
  const path = join(dirname(repository.root), `${basename(repository.root)}-${name}`);
  if (repository.git("log", "--all", "--oneline", "-1") === "") {
    repository.git("commit", "--quiet", "--allow-empty", "-m", "Begin");
  }
  repository.git("worktree", "add", "--quiet", path);
  madeWorktrees.push(path);
  return path;
}

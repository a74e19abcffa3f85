import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initIn, put } from "./init-stand.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

let repository: TestRepository;
const made: string[] = [];

beforeEach(() => {
  repository = createTestRepository();
  repository.git("commit", "--quiet", "--allow-empty", "-m", "Begin");
});

afterEach(() => {
  for (const path of made.splice(0)) {
    rmSync(path, { recursive: true, force: true });
  }
  repository.remove();
});

const everyAgent = ["claude", "codex", "gemini", "opencode", "cursor", "vscode"];
const done = { code: 0, error: "" };
const list = ".git/info/exclude";

function worktree(name: string): TestRepository {
  const root = join(dirname(repository.root), `${basename(repository.root)}-${name}`);
  repository.git("worktree", "add", "--quiet", "-b", name, root);
  made.push(root);
  return at(root);
}

function at(root: string): TestRepository {
  return { ...repository, root, git: (...args) => repository.git("-C", root, ...args) };
}

/** What a commit of everything would take in, beside what is committed. */
function added(where: TestRepository): string {
  where.git("add", "--all");
  return where.git("status", "--porcelain");
}

/** The list as git made it, with these lines between Skein's marks. */
function block(...lines: readonly string[]): string {
  return ["", "# >>> skein >>>", ...lines, "# <<< skein <<<", ""].join("\n");
}

describe("what init made", () => {
  test("is in no commit of everything, here and in another worktree", async () => {
    const ada = worktree("ada");
    for (const where of [repository, ada]) {
      expect(await initIn(where, { agents: everyAgent })).toEqual(done);

      expect(added(where)).toBe("");
    }
  });

  test("is named file by file, below a person's own lines, and gone again with every byte", async () => {
    const own = "# mine\n*.log";
    put(repository, list, own);

    await initIn(repository, { agents: ["claude"] });

    expect(repository.read(list)).toBe(`${own}\n${block("/.claude/settings.json", "/.mcp.json")}`);
    await initIn(repository, { agents: [], remove: true });
    expect(repository.read(list)).toBe(own);
  });

  test("stays so when init runs again, also where the record was lost", async () => {
    await initIn(repository, { agents: everyAgent });
    const first = repository.read(list);
    await initIn(repository, { agents: everyAgent });
    expect(repository.read(list)).toBe(first);

    rmSync(join(repository.root, ".git/skein"), { recursive: true });
    await initIn(repository, { agents: everyAgent });

    expect(repository.read(list)).toBe(first);
  });

  test("stays so when a person adds to a file, and with one program more", async () => {
    await initIn(repository, { agents: ["cursor"] });
    const text = repository.read(".cursor/mcp.json");
    put(repository, ".cursor/mcp.json", text.replace("{", '{ "x": 1,'));

    await initIn(repository, { agents: ["vscode", "cursor"] });

    expect(repository.read(list)).toContain(block("/.cursor/mcp.json", "/.vscode/mcp.json"));
  });

  test("is so for what an older version wrote", async () => {
    await initIn(repository, { agents: ["cursor"] });
    const record = join(repository.root, ".git/skein/init.json");
    const { excluded: _, ...older } = JSON.parse(repository.read(".git/skein/init.json"));
    writeFileSync(record, JSON.stringify(older));
    put(repository, list, "");

    await initIn(repository, { agents: ["cursor"] });

    expect(added(repository)).toBe("");
  });

  test("is so among husky's scripts, too", async () => {
    put(repository, ".husky/pre-commit", "npm test\n");
    repository.git("add", "--all");
    repository.git("commit", "--quiet", "-m", "Husky");
    repository.git("config", "core.hooksPath", ".husky");

    await initIn(repository, { agents: ["none"] });

    expect(added(repository)).toBe("M  .husky/pre-commit");
  });

  test("is named by where a folder is, not by a link to it", async () => {
    mkdirSync(join(repository.root, "conf/[x]"), { recursive: true });
    symlinkSync("conf/[x]", join(repository.root, ".cursor"));

    await initIn(repository, { agents: ["cursor"] });

    expect(repository.read(list)).toContain(block(String.raw`/conf/\[x]/mcp.json`));
    expect(added(repository)).toBe("A  .cursor");
    await initIn(repository, { agents: [], remove: true });
    expect(repository.read(list)).not.toContain("skein");
  });
});

describe("what is not excluded", () => {
  test("is a file that was there before, or that git tracks", async () => {
    put(repository, ".cursor/mcp.json", "{}\n");
    put(repository, ".mcp.json", "{}\n");
    repository.git("add", ".mcp.json");
    const before = repository.read(list);

    await initIn(repository, { agents: ["cursor", "vscode", "claude"] });

    expect(repository.read(list)).toBe(
      `${before}${block("/.claude/settings.json", "/.vscode/mcp.json")}`,
    );
  });

  test.each([
    [".gitignore", ".claude/\n.mcp.json\n"],
    ["patterns", ".claude/\n.mcp.json\n"],
    [list, "/.mcp.json\n.claude\n"],
    [list, "!/.mcp.json\n!/.claude\n!/.claude/settings.json\n"],
  ])("is a file of which a person's %s says what becomes of it: %j", async (file, text) => {
    put(repository, file, text);
    repository.git("config", "core.excludesFile", join(repository.root, "patterns"));
    const before = repository.read(list);

    await initIn(repository, { agents: ["claude"] });

    expect(repository.read(list)).toBe(before);
  });

  test("is what was committed after all", async () => {
    await initIn(repository, { agents: ["cursor", "vscode"] });
    repository.git("add", "--force", ".cursor/mcp.json");

    await initIn(repository, { agents: ["cursor", "vscode"] });

    expect(repository.read(list)).toContain(block("/.vscode/mcp.json"));
  });
});

describe("files for everybody", () => {
  test("are taken off the list", async () => {
    const before = repository.read(list);
    await initIn(repository, { agents: ["claude"] });

    await initIn(repository, { agents: ["claude"], isPortable: true });

    expect(repository.read(list)).toBe(before);
    expect(added(repository)).toBe("A  .claude/settings.json\nA  .mcp.json");
  });

  test("stay on it as long as another worktree has files of its own of these names", async () => {
    const ada = worktree("ada");
    await initIn(ada, { agents: ["claude"] });
    await initIn(repository, { agents: ["claude", "cursor"] });

    await initIn(repository, { agents: ["claude", "cursor"], isPortable: true });

    expect(repository.read(list)).toContain(block("/.claude/settings.json", "/.mcp.json"));
    await initIn(ada, { agents: ["claude"], isPortable: true });
    expect(repository.read(list)).not.toContain("skein");
  });
});

describe("a removal", () => {
  test("leaves the lines that another worktree needs, and the last one gives every byte back", async () => {
    put(repository, list, "*.log");
    const ada = worktree("ada");
    await initIn(repository, { agents: ["codex", "cursor"] });
    await initIn(ada, { agents: ["codex"] });

    await initIn(repository, { agents: [], remove: true });

    expect(repository.read(list)).toBe(
      `*.log\n${block("/.codex/config.toml", "/.codex/hooks.json")}`,
    );
    await initIn(ada, { agents: [], remove: true });
    expect(repository.read(list)).toBe("*.log");
  });

  test("knows what another worktree needs where the record was lost", async () => {
    const ada = worktree("ada");
    await initIn(repository, { agents: ["claude", "cursor"] });
    await initIn(ada, { agents: ["claude"] });
    rmSync(join(repository.root, ".git/skein"), { recursive: true });

    await initIn(repository, { agents: [], remove: true });

    expect(repository.read(list)).toContain(block("/.claude/settings.json", "/.mcp.json"));
    await initIn(ada, { agents: [], remove: true });
    expect(repository.read(list)).not.toContain("skein");
  });

  test("forgets a worktree that is gone", async () => {
    const before = repository.read(list);
    const ada = worktree("ada");
    await initIn(ada, { agents: ["cursor"] });
    await initIn(repository, { agents: ["claude"] });
    repository.git("worktree", "remove", ada.root);

    await initIn(repository, { agents: [], remove: true });

    expect(repository.read(list)).toBe(before);
  });

  test("takes the file and its folder away where init made them", async () => {
    rmSync(join(repository.root, ".git/info"), { recursive: true });
    await initIn(repository, { agents: ["claude"] });
    expect(added(repository)).toBe("");

    await initIn(repository, { agents: [], remove: true });

    expect(existsSync(join(repository.root, ".git/info"))).toBe(false);
  });

  test("keeps what a person wrote since, be it between the marks", async () => {
    put(repository, list, "");
    await initIn(repository, { agents: ["cursor"] });
    const text = repository.read(list).replace("# <<<", "/build\n# <<<");
    put(repository, list, `${text}*.log\n`);
    await initIn(repository, { agents: ["cursor", "vscode"] });

    await initIn(repository, { agents: [], remove: true });

    expect(repository.read(list)).toBe("/build\n*.log\n");
  });
});

describe("in the place of the list", () => {
  test("a pipe is named and nothing is written", async () => {
    rmSync(join(repository.root, list));
    execFileSync("mkfifo", [join(repository.root, list)]);

    const { error } = await initIn(repository, { agents: ["claude"] });

    expect(error).toBe("SKN-2095 .git/info/exclude is no plain file.");
    expect(existsSync(join(repository.root, ".mcp.json"))).toBe(false);
    expect(await initIn(repository, { agents: ["none"] })).toEqual(done);
    expect(await initIn(repository, { agents: [], remove: true })).toEqual(done);
  });

  test("a link out of the repository is a person's own, and stays untouched", async () => {
    const outside = mkdtempSync(join(tmpdir(), "skein-list-"));
    made.push(outside);
    const file = join(outside, "list");
    writeFileSync(file, "*.log\n");
    rmSync(join(repository.root, list));
    symlinkSync(file, join(repository.root, list));

    expect(await initIn(repository, { agents: ["claude"] })).toEqual(done);
    expect(repository.read(list)).toBe("*.log\n");
    expect(await initIn(repository, { agents: [], remove: true })).toEqual(done);
  });
});

test("a submodule has a list of its own", async () => {
  const other = createTestRepository();
  made.push(other.root);
  other.git("commit", "--quiet", "--allow-empty", "-m", "Begin");
  repository.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", other.root, "sub");
  repository.git("commit", "--quiet", "-m", "Sub");
  const sub = at(join(repository.root, "sub"));

  expect(await initIn(sub, { agents: everyAgent })).toEqual(done);

  expect(added(sub)).toBe("");
  expect(added(repository)).toBe("");
  expect(repository.read(".git/modules/sub/info/exclude")).toContain("/.mcp.json\n");
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runInit } from "../../src/cli/init/init.ts";
import { createTestRepository } from "../cli/init/repository.ts";
import type { TestRepository } from "../cli/init/repository.ts";

let repository: TestRepository;
let outside: string;

beforeEach(() => {
  repository = createTestRepository();
  outside = mkdtempSync(join(tmpdir(), "skein-outside-"));
});

afterEach(() => {
  repository.remove();
  rmSync(outside, { recursive: true, force: true, maxRetries: 5 });
});

async function init(agent: string, remove = false): Promise<number> {
  return runInit(
    { yes: true, dryRun: false, remove, json: true, portable: false, agents: [agent] },
    {
      cwd: repository.root,
      env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" },
      out: () => undefined,
      warn: () => undefined,
      confirm: null,
      openStore: async () => Promise.resolve(),
      describeStore: async () =>
        Promise.resolve({ shown: "skein.db", project: null, needsAgreement: false }),
      check: async () => Promise.resolve({ ok: true, tools: [], ms: 1, hash: "" }),
    },
  );
}

/** T2: what a repository that a person clones may bring along to lead `init` astray. */
describe("a hostile repository", () => {
  test("leads no file to another place by links under the names of unfinished files", async () => {
    const victim = join(outside, "victim");
    writeFileSync(victim, "keep me", { mode: 0o600 });
    for (const name of [".mcp.json.skein-new", ".mcp.json.tmp"]) {
      symlinkSync(victim, join(repository.root, name));
    }
    mkdirSync(join(repository.root, ".claude"));
    symlinkSync(join(outside, "made"), join(repository.root, ".claude", "settings.json.skein-new"));

    expect(await init("claude")).toBe(0);

    expect(readFileSync(victim, "utf8")).toBe("keep me");
    expect(statSync(victim).mode & 0o777).toBe(0o600);
    expect(readdirSync(outside)).toEqual(["victim"]);
    expect(repository.read(".mcp.json")).toContain("skein");
  });

  test.each([
    ["codex", ".codex/config.toml", "../.git/config"],
    ["codex", ".codex/config.toml", "../.git/hooks/post-checkout"],
    ["claude", ".mcp.json", ".git/hooks/post-checkout"],
  ])("makes %s's %s no way into git's own folder", async (agent, path, target) => {
    mkdirSync(join(repository.root, ".codex"));
    writeFileSync(join(repository.root, ".git/hooks/post-checkout"), "{}\n");
    symlinkSync(target, join(repository.root, path));
    const before = repository.read(".git/config");

    await expect(init(agent)).rejects.toMatchObject({ code: "SKN-8091" });

    expect(repository.read(".git/config")).toBe(before);
    expect(repository.read(".git/hooks/post-checkout")).toBe("{}\n");
  });

  test("has `--remove` delete and write nothing elsewhere by a record that somebody changed", async () => {
    const folder = join(outside, "empty");
    mkdirSync(folder);
    const file = join(outside, "file");
    writeFileSync(file, "mine");
    await init("claude");
    const record = join(repository.root, ".git/skein/init.json");
    const whole = JSON.parse(readFileSync(record, "utf8"));
    writeFileSync(record, JSON.stringify({ ...whole, folders: [...whole.folders, folder] }));

    await init("claude", true);

    expect(existsSync(folder)).toBe(true);

    const out = relative(repository.root, file);
    const ways = [file, `${repository.root}/${out}`, `${repository.root}/x/../${out}`];
    for (const path of ways) {
      const files = [{ path, before: "evil", beforeMode: 511, after: "mine" }];
      writeFileSync(record, JSON.stringify({ ...whole, files, folders: [] }));

      expect(await init("claude", true)).toBe(0);

      expect(readFileSync(file, "utf8")).toBe("mine");
    }

    symlinkSync(outside, join(repository.root, "link"));
    const path = join(repository.root, "link/file");
    const files = [{ path, before: "evil", beforeMode: 511, after: "mine" }];
    writeFileSync(record, JSON.stringify({ ...whole, files, folders: [] }));

    await expect(init("claude", true)).rejects.toMatchObject({ code: "SKN-8091" });
    expect(readFileSync(file, "utf8")).toBe("mine");
  });
});

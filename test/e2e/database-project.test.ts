import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRepository, removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";
import { claudeEdit } from "../mcp/hooks/hook-runner.ts";
import { skeinBin } from "../support/mcp-process.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";

/** How a process of its own ended. */
interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let place: PostgresPlace;
let repository: TestRepository;
let env: NodeJS.ProcessEnv;

/** Nobody listens there. */
const nowhere = "postgres://nobody@127.0.0.1:1/none";

function run(
  program: string,
  words: readonly string[],
  world: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Ended {
  const { input = "" } = world;
  return spawnSync(program, words, {
    cwd: repository.root,
    env: { ...env, ...world.env },
    input,
    encoding: "utf8",
  });
}

function skein(words: string, world: Parameters<typeof run>[2] = {}): Ended {
  return run(process.execPath, [skeinBin, ...words.split(" ")], world);
}

/** Says to the hook that an agent is about to edit a file; null where it has nothing against it. */
function edit(agent: string, path: string): string | null {
  const payload = { cwd: repository.root, ...claudeEdit(agent, join(repository.root, path)) };
  const { status, stdout, stderr } = skein("hook claude pre-edit", {
    input: JSON.stringify(payload),
  });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout === "" ? null : stdout;
}

function commit(agent: string, path: string): Ended {
  writeFileSync(join(repository.root, path), `// by ${agent}\n`);
  run("git", ["add", path]);
  return run("git", ["commit", "--quiet", "-m", "Change"], {
    env: { CLAUDE_CODE_SESSION_ID: agent },
  });
}

/** What the doctor says. */
function found({ stdout }: Ended): unknown {
  return JSON.parse(stdout).findings;
}

describe.skipIf(postgresUrl === null)("a project whose ledger is on PostgreSQL", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
    repository = aRepository({ "src/a.ts": "1\n", "src/b.ts": "1\n" });
    env = { ...testEnv, TEAM_DATABASE: place.url };
    const made = skein(
      "init --yes --agents none --db env:TEAM_DATABASE --project acme/shop --json",
    );
    expect(made.status, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ project: "acme/shop", check: { ok: true } });
  }, 120_000);

  afterEach(async () => {
    removeRepositories();
    await place.remove();
  });

  test("its hooks lease a free path and deny a foreign one, each in a process of its own", () => {
    expect(edit("ada", "src/a.ts")).toBeNull();

    const denied = JSON.parse(edit("bob", "src/a.ts") ?? "{}");
    const listed = JSON.parse(skein("lease list --json").stdout);

    expect(denied).toMatchObject({ hookSpecificOutput: { permissionDecision: "deny" } });
    expect(listed).toMatchObject({ leases: [{ patterns: ["src/a.ts"], origin: "edit" }] });
    expect(edit("bob", "src/b.ts")).toBeNull();
    expect(existsSync(join(repository.root, ".git/skein/skein.db"))).toBe(false);
  });

  test("its guard refuses at the commit what another agent holds, and lets its holder through", () => {
    edit("ada", "src/a.ts");

    const foreign = commit("bob", "src/a.ts");
    const own = commit("ada", "src/a.ts");

    expect(foreign.status).not.toBe(0);
    expect(foreign.stderr).toContain("src/a.ts");
    expect(own.status, own.stderr).toBe(0);
  });

  test("the doctor names a database that is down; hooks let edits through and say so, the guard stops an agent", () => {
    edit("ada", "src/a.ts");
    const well = skein("doctor --json");
    env = { ...env, TEAM_DATABASE: nowhere };

    const down = skein("doctor --json");
    const payload = { cwd: repository.root, ...claudeEdit("bob", "src/a.ts") };
    const hook = skein("hook claude pre-edit", { input: JSON.stringify(payload) });
    const agent = commit("bob", "src/b.ts");

    expect(found(well)).not.toContainEqual(expect.objectContaining({ level: "fail" }));
    expect(JSON.stringify(found(down))).toContain("SKN-7116");
    expect(found(down)).toContainEqual(expect.objectContaining({ level: "fail" }));
    expect(hook.status).toBe(0);
    expect(hook.stdout).not.toContain('"deny"');
    expect(hook.stdout + hook.stderr).not.toBe("");
    expect(agent.status).not.toBe(0);
    expect(agent.stderr).toMatch(/SKN-\d{4}/u);
  });

  test("init --remove takes the hooks away and leaves the rows", () => {
    edit("ada", "src/a.ts");
    const note = join(repository.root, ".git/skein/store.json");
    expect(readFileSync(note, "utf8")).not.toContain("@");

    const removed = skein("init --remove --yes");

    expect(removed.status, removed.stderr).toBe(0);
    expect(existsSync(join(repository.root, ".git/hooks/pre-commit"))).toBe(false);
    const listed = skein("lease list --json --db env:TEAM_DATABASE --project acme/shop");
    expect(JSON.parse(listed.stdout)).toMatchObject({ leases: [{ patterns: ["src/a.ts"] }] });
  });
});

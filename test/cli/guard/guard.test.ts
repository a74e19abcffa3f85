import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runGuard } from "../../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../../src/compose.ts";
import {
  callerNamed,
  createCoordinatedRepository,
  plainEnv,
} from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

interface Guarding {
  readonly agent?: string;
  readonly cwd?: string;
  readonly input?: string;
  readonly isTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

interface Verdict {
  readonly exitCode: number;
  readonly text: string;
}

async function guard(words: string, options: Guarding = {}): Promise<Verdict> {
  const { agent, cwd = repository.root, input = "", isTerminal = false, env = {} } = options;
  const lines: string[] = [];
  const whole = {
    ...plainEnv,
    ...env,
    ...(agent === undefined ? {} : { SKEIN_EXTERNAL_ID: agent }),
  };
  const exitCode = await runGuard(words.split(" "), {
    cwd,
    env: whole,
    isTerminal,
    readInput: () => input,
    warn: (line) => lines.push(line),
    hasStore,
    open: () => openProject({ cwd, env: whole }),
  });
  return { exitCode, text: lines.join("\n") };
}

function stage(path: string, text: string): void {
  repository.write(path, text);
  repository.git(repository.root, "add", path);
}

function commit(message: string): void {
  repository.git(repository.root, "commit", "--quiet", "--allow-empty", "-m", message);
}

const goesThrough: Verdict = { exitCode: 0, text: "" };

const planText = [
  "plan: prices",
  "title: Rework the prices",
  "verify: merge",
  "tasks:",
  "  - id: T1",
  "    title: Extract the price rules",
  '    files: ["src/**"]',
].join("\n");

const chainText = [
  "plan: chain",
  "title: One after the other",
  "verify: none",
  "tasks:",
  "  - id: T1",
  "    title: One",
  '    files: ["lib/**"]',
  "  - id: T2",
  "    title: Two",
  '    files: ["src/**"]',
  "    depends_on: [T1]",
].join("\n");

async function heldBy(path: string): Promise<string | undefined> {
  const { dispatch } = repository.project.skein;
  const verdict = (await dispatch.check(null, [path])).get(path);
  return verdict?.kind === "foreign" ? verdict.refusal.holder : undefined;
}

describe("guard pre-commit", () => {
  it("refuses an agent's commit of a file that a shell command changed behind its holder's back", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);
    await repository.claim("claude:ada", ["docs/"]);
    stage("src/a.ts", "export const a = 2;\n");
    stage("docs/readme.md", "# Changed\n");

    const { exitCode, text } = await guard("pre-commit", { agent: "claude:ada" });

    expect(exitCode).toBe(1);
    expect(text).toContain("skein: SKN-4961 Other sessions hold paths of this commit.");
    expect(text).toContain("src/a.ts is held by");
    expect(text).toContain("git commit --only -- docs/readme.md");
  });

  it("warns a person, lets them go on, and notes it in the log", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);
    stage("src/a.ts", "export const a = 2;\n");

    const { exitCode, text } = await guard("pre-commit");

    expect(exitCode).toBe(0);
    expect(text).toContain("src/a.ts is held by");
    const { events, store } = repository.project.skein;
    const log = await store.read((reader) => events.after(reader, 0, 100));
    expect(log.at(-1)).toMatchObject({
      kind: "guard.overridden",
      actor: expect.stringMatching(/^person:/u),
    });
  });

  it("stops an agent that never joined as it stops any other", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);
    stage("src/a.ts", "export const a = 2;\n");

    const { exitCode } = await guard("pre-commit", { env: { CLAUDE_CODE_SESSION_ID: "new-one" } });

    expect(exitCode).toBe(1);
  });

  it("leases a free file that an agent commits", async () => {
    await repository.claim("claude:ada", ["docs/"]);
    stage("src/b.ts", "export const b = 2;\n");

    expect(await guard("pre-commit", { agent: "claude:ada" })).toEqual(goesThrough);
    expect(await heldBy("src/b.ts")).toBe("s1");
  });

  it("checks both sides of a rename", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);
    await repository.claim("claude:ada", ["lib/"]);
    mkdirSync(join(repository.root, "lib"));
    renameSync(join(repository.root, "src/a.ts"), join(repository.root, "lib/a.ts"));
    repository.git(repository.root, "add", "--all");

    const { exitCode, text } = await guard("pre-commit", { agent: "claude:ada" });

    expect(exitCode).toBe(1);
    expect(text).toContain("src/a.ts is held by");
  });

  it("sees the real file behind an edit through a symbolic link", async () => {
    symlinkSync("src", join(repository.root, "way"));
    repository.git(repository.root, "add", "way");
    repository.git(repository.root, "commit", "--quiet", "-m", "A way");
    await repository.claim("codex:grace", ["src/a.ts"]);
    await repository.claim("claude:ada", ["way"]);
    writeFileSync(join(repository.root, "way/a.ts"), "export const a = 3;\n");
    repository.git(repository.root, "add", "--all");

    expect((await guard("pre-commit", { agent: "claude:ada" })).exitCode).toBe(1);
  });

  it("tells the agent of a linked worktree by its stamp", async () => {
    const tree = join(repository.root, "..", "tree");
    repository.git(repository.root, "worktree", "add", "--quiet", "-b", "work", tree);
    await repository.claim("codex:grace", ["docs/"]);
    await repository.plan(planText);
    await repository.next("claude:ada", join(repository.root, ".git/worktrees/tree"));
    writeFileSync(join(tree, "docs/readme.md"), "# Mine\n");
    repository.git(tree, "add", ".");

    const { exitCode } = await guard("pre-commit", { cwd: tree, isTerminal: true });

    expect(exitCode).toBe(1);
    const person = await guard("pre-commit", { cwd: tree, env: { SKEIN_PERSON: "1" } });
    expect(person.exitCode).toBe(0);
  });

  it("takes a terminal in the main worktree for a person", async () => {
    await repository.claim("codex:grace", ["docs/"]);
    await repository.plan(planText);
    await repository.next("claude:ada");
    stage("docs/readme.md", "# By hand\n");

    expect((await guard("pre-commit", { isTerminal: true })).exitCode).toBe(0);
    expect((await guard("pre-commit", { isTerminal: false })).exitCode).toBe(1);
  });

  it("refuses a branch that agents do not change", async () => {
    repository.write("skein.yml", "branches:\n  protected: [main]\n");
    await repository.claim("claude:ada", ["src/"]);
    stage("src/a.ts", "export const a = 2;\n");

    const { exitCode, text } = await guard("pre-commit", { agent: "claude:ada" });

    expect(exitCode).toBe(1);
    expect(text).toContain("SKN-8961");
    expect((await guard("pre-commit")).exitCode).toBe(0);
  });

  it("lets agents of a tier work on the branches of their tier alone, as the default branch says", async () => {
    const tiers = "{ worker: [feature/*], sub: [feature/*], lead: [release/*] }";
    repository.write("skein.yml", `branches: { agents: ${tiers} }\n`);
    repository.git(repository.root, "add", "skein.yml");
    commit("Tiers");
    await repository.claim("claude:ada", ["src/"]);
    stage("src/a.ts", "export const a = 2;\n");
    const verdictOn = async (branch: string): Promise<Verdict> => {
      repository.git(repository.root, "checkout", "--quiet", "-b", branch);
      return guard("pre-commit", { agent: "claude:ada" });
    };

    const elsewhere = await verdictOn("release/1");

    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.text).toContain("Agents of tier worker work on branches like feature/*");
    expect(await verdictOn("feature/prices")).toEqual(goesThrough);
  });

  it("refuses a HEAD that lacks the work that the task builds on, until it is merged", async () => {
    repository.git(repository.root, "checkout", "--quiet", "-b", "first");
    stage("lib/one.ts", "export const one = 1;\n");
    repository.git(repository.root, "commit", "--quiet", "-m", "One");
    const one = repository.git(repository.root, "rev-parse", "HEAD");
    repository.git(repository.root, "checkout", "--quiet", "main");
    await repository.plan(chainText);
    const first = await repository.next("claude:ada");
    await repository.project.skein.dispatch.finishTask({
      caller: callerNamed("claude:ada"),
      task: "chain/T1",
      fence: first?.fence ?? 0,
      outcome: "submitted",
      summary: "one",
      cause: null,
      commit: one,
      usage: [],
      claimNext: true,
      key: null,
    });
    stage("src/a.ts", "export const a = 2;\n");

    const without = await guard("pre-commit", { agent: "claude:ada" });
    expect(without.exitCode).toBe(1);
    expect(without.text).toContain("SKN-4962");
    expect(without.text).toContain(`git merge ${one.slice(0, 12)}`);
    repository.git(repository.root, "stash", "--quiet");
    repository.git(repository.root, "merge", "--quiet", "first");
    repository.git(repository.root, "stash", "pop", "--quiet", "--index");

    expect(await guard("pre-commit", { agent: "claude:ada" })).toEqual(goesThrough);
  });

  it("counts what a subagent of the same host holds as the agent's own", async () => {
    await repository.claim("claude:ada", ["docs/"]);
    const { dispatch } = repository.project.skein;
    await dispatch.claimFiles({
      caller: { ...callerNamed("claude:ada:one"), parentExternalId: "claude:ada" },
      paths: ["src/a.ts"],
      mode: "exclusive",
      durationMs: null,
      reason: "edited it",
      waitMs: 0,
      origin: "edit",
      key: null,
      signal: null,
    });
    stage("src/a.ts", "export const a = 2;\n");

    expect(await guard("pre-commit", { agent: "claude:ada" })).toEqual(goesThrough);
  });

  it("leaves alone what a merge brings from the other side", async () => {
    repository.git(repository.root, "checkout", "--quiet", "-b", "other");
    stage("src/a.ts", "export const a = 4;\n");
    repository.git(repository.root, "commit", "--quiet", "-m", "Theirs");
    repository.git(repository.root, "checkout", "--quiet", "main");
    stage("docs/readme.md", "# Ours\n");
    repository.git(repository.root, "commit", "--quiet", "-m", "Ours");
    await repository.claim("codex:grace", ["src/a.ts"]);
    await repository.claim("claude:ada", ["docs/"]);
    repository.git(repository.root, "merge", "--quiet", "--no-commit", "other");

    expect(await guard("pre-commit", { agent: "claude:ada" })).toEqual(goesThrough);
  });

  it("stops agents and not people when the ledger cannot be asked", async () => {
    await repository.claim("claude:ada", ["src/"]);
    stage("src/a.ts", "export const a = 2;\n");
    await repository.project.skein.close();
    writeFileSync(join(repository.root, ".git/skein/skein.db"), "this is no database");
    rmSync(join(repository.root, ".git/skein/skein.db-wal"), { force: true });

    const agent = await guard("pre-commit", { agent: "claude:ada" });
    const person = await guard("pre-commit");

    expect(agent.exitCode).toBe(1);
    expect(agent.text).toContain("SKN-7961");
    expect(person.exitCode).toBe(0);
    expect(person.text).toContain("goes through");
  });

  it("says once that a clone is uncoordinated", async () => {
    const clone = join(repository.root, "..", "clone");
    repository.git(repository.root, "clone", "--quiet", repository.root, clone);

    const first = await guard("pre-commit", { cwd: clone, agent: "claude:ada" });
    const second = await guard("pre-commit", { cwd: clone, agent: "claude:ada" });

    expect(first.exitCode).toBe(0);
    expect(first.text).toContain("uncoordinated");
    expect(second).toEqual(goesThrough);
  });
});

describe("guard pre-push", () => {
  const zeros = "0".repeat(40);

  function push(): string {
    const head = repository.git(repository.root, "rev-parse", "HEAD");
    return `refs/heads/main ${head} refs/heads/main ${zeros}\n`;
  }

  it("lets a commit of the claim that stands through, and one whose fence is over not", async () => {
    await repository.plan(planText);
    const claim = await repository.next("claude:ada");
    const fence = claim?.fence ?? 0;
    commit(`Work\n\nSkein-Task: prices/T1\nSkein-Fence: ${String(fence)}`);

    expect(await guard("pre-push origin url", { agent: "claude:ada", input: push() })).toEqual(
      goesThrough,
    );
    commit(`Late\n\nSkein-Task: prices/T1\nSkein-Fence: ${String(fence - 1)}`);
    const late = await guard("pre-push origin url", { agent: "claude:ada", input: push() });
    expect(late.exitCode).toBe(1);
    expect(late.text).toContain("SKN-4963");
    expect((await guard("pre-push origin url", { input: push(), isTerminal: true })).exitCode).toBe(
      0,
    );
  });

  it("lets what was handed in through, and looks at the paths of a commit that copied its trailers", async () => {
    repository.git(repository.root, "update-ref", "refs/remotes/origin/main", "HEAD");
    await repository.plan(planText);
    const claim = await repository.next("claude:ada");
    const fence = claim?.fence ?? 0;
    const trailers = `\n\nSkein-Task: prices/T1\nSkein-Fence: ${String(fence)}`;
    await repository.claim("claude:bob", ["docs/"]);
    stage("src/a.ts", "export const a = 2;\n");
    commit(`Work${trailers}`);
    const copied = await guard("pre-push origin url", { agent: "claude:bob", input: push() });
    await repository.project.skein.dispatch.finishTask({
      caller: callerNamed("claude:ada"),
      task: "prices/T1",
      fence,
      outcome: "submitted",
      summary: "done",
      cause: null,
      commit: repository.git(repository.root, "rev-parse", "HEAD"),
      usage: [],
      claimNext: false,
      key: null,
    });

    const handedIn = await guard("pre-push origin url", { agent: "claude:bob", input: push() });
    stage("src/a.ts", "export const a = 3;\n");
    commit(`Mine${trailers}`);
    const forged = await guard("pre-push origin url", { agent: "claude:bob", input: push() });

    expect(copied.exitCode).toBe(1);
    expect(copied.text).toContain("src/a.ts is held by");
    expect(handedIn).toEqual(goesThrough);
    expect(forged.exitCode).toBe(1);
    expect(forged.text).toContain("src/a.ts is held by");
  });

  it("refuses foreign paths in commits that belong to no claim", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);
    await repository.claim("claude:ada", ["docs/"]);
    stage("src/a.ts", "export const a = 2;\n");
    commit("By shell");

    const { exitCode, text } = await guard("pre-push origin url", {
      agent: "claude:ada",
      input: push(),
    });

    expect(exitCode).toBe(1);
    expect(text).toContain("src/a.ts is held by");
  });

  it.each([
    ["changed", (head: string) => `refs/heads/work ${head} refs/heads/main ${zeros}\n`],
    ["deleted", (head: string) => `(delete) ${zeros} refs/heads/main ${head}\n`],
  ])("refuses agents a push by which a protected branch is %s", async (_how, lineOf) => {
    repository.write("skein.yml", "branches: { protected: [main, dev] }\n");
    await repository.claim("claude:ada", ["docs/"]);
    const input = lineOf(repository.git(repository.root, "rev-parse", "HEAD"));
    const pushed = { input, isTerminal: true };

    const refused = await guard("pre-push origin url", { agent: "claude:ada", input });

    expect(refused.exitCode).toBe(1);
    expect(refused.text).toContain("Branch main is protected");
    expect((await guard("pre-push origin url", pushed)).exitCode).toBe(0);
  });

  it("refuses agents a push to a branch on which their tier does not work, and its deletion", async () => {
    repository.write("skein.yml", "branches: { agents: { worker: [feature/*] } }\n");
    repository.git(repository.root, "add", "skein.yml");
    commit("Tiers");
    await repository.claim("claude:ada", ["docs/"]);
    const head = repository.git(repository.root, "rev-parse", "HEAD");
    const changed = `refs/heads/work ${head} refs/heads/release/1 ${zeros}\n`;
    const deleted = `(delete) ${zeros} refs/heads/release/1 ${head}\n`;
    const own = `refs/heads/work ${head} refs/heads/feature/prices ${zeros}\n`;

    for (const input of [changed, deleted]) {
      const { exitCode, text } = await guard("pre-push origin url", { agent: "claude:ada", input });
      expect(exitCode).toBe(1);
      expect(text).toContain("Agents of tier worker work on branches like feature/*");
    }
    const input = { agent: "claude:ada", input: own };
    expect(await guard("pre-push origin url", input)).toEqual(goesThrough);
  });

  it("has nothing to say about a branch that is deleted", async () => {
    await repository.claim("claude:ada", ["docs/"]);
    const input = `(delete) ${zeros} refs/heads/old ${"1".repeat(40)}\n`;

    expect(await guard("pre-push origin url", { agent: "claude:ada", input })).toEqual(goesThrough);
  });
});

describe("guard commit-msg", () => {
  it("marks an agent's commit with its claim, and a person's not at all", async () => {
    await repository.plan(planText);
    const claim = await repository.next("claude:ada");
    const file = join(repository.root, ".git/COMMIT_EDITMSG");
    writeFileSync(file, "Extract\n");

    await guard(`commit-msg ${file}`, { isTerminal: true });
    expect(repository.git(repository.root, "interpret-trailers", "--parse", file)).toBe("");
    await guard(`commit-msg ${file}`, { agent: "claude:ada" });

    expect(repository.git(repository.root, "interpret-trailers", "--parse", file)).toBe(
      `Skein-Task: prices/T1\nSkein-Fence: ${String(claim?.fence)}`,
    );
  });
});

describe("runGuard", () => {
  it("refuses words that git does not use", async () => {
    await expect(guard("post-commit")).rejects.toMatchObject({ code: "SKN-1961" });
  });

  it("works from git's own hooks: a foreign file stays out of history, an own one is marked", async () => {
    await repository.claim("codex:grace", ["docs/"]);
    await repository.plan(planText);
    await repository.next("claude:ada");
    const entry = new URL("guard-entry.ts", import.meta.url).pathname;
    for (const name of ["pre-commit", "commit-msg"]) {
      const script = `#!/bin/sh\nexec "${process.execPath}" "${entry}" ${name} "$@"\n`;
      writeFileSync(join(repository.root, ".git/hooks", name), script, { mode: 0o755 });
    }
    const asAda = (...args: readonly string[]) =>
      spawnSync("git", [...args], {
        cwd: repository.root,
        encoding: "utf8",
        env: { ...plainEnv, SKEIN_EXTERNAL_ID: "claude:ada" },
      });
    stage("docs/readme.md", "# Not mine\n");
    stage("src/a.ts", "export const a = 5;\n");

    const whole = asAda("commit", "-m", "Both");
    const own = asAda("commit", "-m", "Mine", "--only", "--", "src/a.ts");

    expect(whole.status).toBe(1);
    expect(whole.stderr).toContain("git commit --only -- src/a.ts");
    expect(own.stderr).toBe("");
    expect(repository.git(repository.root, "log", "-1", "--format=%B")).toMatch(
      /^Mine\n\nSkein-Task: prices\/T1\nSkein-Fence: \d+$/u,
    );
    expect(asAda("commit", "--amend", "--no-edit", "--only").status).toBe(0);
    expect(
      repository.git(repository.root, "log", "-1", "--format=%B").match(/Skein-/gu),
    ).toHaveLength(2);
  }, 60_000);
});

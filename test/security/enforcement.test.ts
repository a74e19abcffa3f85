import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runGuard } from "../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../src/compose.ts";
import {
  claudeEdit,
  codexPatch,
  createHookRunner,
  holderOf,
  silentAnswer,
  wordOf,
} from "../mcp/hooks/hook-runner.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository;
const hook = createHookRunner(() => repository);

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  await repository.claim("claude:victim", ["src/a.ts"]);
});

afterEach(async () => {
  await repository.remove();
});

function denied(answer: unknown): boolean {
  return wordOf(answer, "permissionDecision") === "deny";
}

function patchOf(text: string) {
  return { session_id: "attacker", tool_name: "apply_patch", tool_input: { command: text } };
}

function init(folder: string): string {
  mkdirSync(folder, { recursive: true });
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  return folder;
}

function worktree(): string {
  const folder = join(dirname(repository.root), "second");
  execFileSync("git", ["worktree", "add", "--quiet", "--detach", folder], { cwd: repository.root });
  return folder;
}

/** What an agent tries to have the edit hook overlook a file that another holds. */
describe("the edit hook", () => {
  test.each([
    ["frees every path", 'generated: ["**"]\n'],
    ["cannot be read", "generated: [\n"],
    ["is nested without end", "[".repeat(5_000)],
    ["has an unknown key", "generate: []\n"],
  ])("goes on checking where the worktree has a skein.yml that %s", async (_, text) => {
    repository.write("skein.yml", text);

    const { answer } = await hook("claude pre-edit", claudeEdit("attacker", "src/a.ts"));

    expect(denied(answer)).toBe(true);
  });

  test.each([
    ["two blanks", "  *** Update File: src/a.ts"],
    ["a tab", "\t*** Update File: src/a.ts"],
    ["a blank only Codex knows", "\u0085*** Delete File: src/a.ts"],
  ])("reads a later header of a patch behind %s, as Codex does", async (_, line) => {
    const patch = `*** Begin Patch\n*** Add File: src/new.ts\n+x\n${line}\n*** End Patch`;

    expect(denied((await hook("codex pre-edit", patchOf(patch))).answer)).toBe(true);
  });

  test("sees both sides of a move whose second line is indented", async () => {
    const patch =
      "*** Begin Patch\n*** Update File: src/b.ts\n  *** Move to: src/a.ts\n@@\n-a\n+b\n*** End Patch";

    expect(denied((await hook("codex pre-edit", patchOf(patch))).answer)).toBe(true);
  });

  test("finds one foreign file among very many free ones", async () => {
    const free = Array.from({ length: 600 }, (_, number) => `gen/${String(number)}.ts`);

    const { answer } = await hook("codex pre-edit", codexPatch("attacker", ...free, "src/a.ts"));

    expect(denied(answer)).toBe(true);
  });

  test("lets a patch of very many free files through and leases what it can", async () => {
    const free = Array.from({ length: 600 }, (_, number) => `gen/${String(number)}.ts`);

    const said = await hook("codex pre-edit", codexPatch("attacker", ...free));

    expect(said).toEqual(silentAnswer);
    expect(await holderOf(repository, "gen/0.ts")).toBe("codex:attacker");
  });

  test.each([
    ["another repository", () => init(join(dirname(repository.root), "other"))],
    ["a repository inside this one", () => init(join(repository.root, "vendor/inner"))],
    ["no repository", () => dirname(repository.root)],
    ["a folder that is not there", () => "/nowhere/at/all"],
  ])("denies a foreign file to an agent that stands in %s", async (_, stand) => {
    const path = join(repository.root, "src/a.ts");

    const { answer } = await hook(
      "claude pre-edit",
      claudeEdit("attacker", path, { cwd: stand() }),
    );

    expect(denied(answer)).toBe(true);
  });

  test("denies a foreign file that a link in another repository leads to", async () => {
    const other = init(join(dirname(repository.root), "other"));
    symlinkSync(join(repository.root, "src/a.ts"), join(other, "free.ts"));

    const { answer } = await hook(
      "claude pre-edit",
      claudeEdit("attacker", "free.ts", { cwd: other }),
    );

    expect(denied(answer)).toBe(true);
  });

  test.each([
    ["another repository", () => init(join(dirname(repository.root), "other"))],
    ["no repository", () => dirname(repository.root)],
    ["another worktree", () => worktree()],
  ])(
    "denies a foreign file that is not there yet, to which a link in %s leads",
    async (_, stand) => {
      await repository.claim("claude:victim", ["src/new.ts"]);
      const cwd = stand();
      symlinkSync(join(repository.root, "src/new.ts"), join(cwd, "dangling.ts"));

      const { answer } = await hook(
        "claude pre-edit",
        claudeEdit("attacker", "dangling.ts", { cwd }),
      );

      expect(denied(answer)).toBe(true);
    },
  );

  test.each([
    ["blanks around it", () => " src/a.ts\n"],
    ["a way from home", () => `~/${relative(homedir(), join(repository.root, "src/a.ts"))}`],
    ["a length that only text makes", () => `${"docs/../".repeat(600)}src/a.ts`],
    ["a length of many points", () => `${"./".repeat(3_000)}src/a.ts`],
  ])("denies the foreign file under a name with %s, which a host takes away", async (_, name) => {
    const { answer } = await hook("claude pre-edit", claudeEdit("attacker", name()));

    expect(denied(answer)).toBe(true);
  });

  test("is not led away by a `.git` that somebody planted in a folder", async () => {
    const other = init(join(dirname(repository.root), "other"));
    const planted = join(repository.root, "src/.git");
    for (const text of [`gitdir: ${other}/.git\n`, "gitdir: ../nowhere\n", "nonsense"]) {
      writeFileSync(planted, text);

      for (const cwd of [repository.root, join(repository.root, "src")]) {
        const path = join(repository.root, "src/a.ts");
        const { answer } = await hook("claude pre-edit", claudeEdit("attacker", path, { cwd }));

        expect([text, cwd, denied(answer)]).toEqual([text, cwd, true]);
      }
    }
    rmSync(planted);
  });

  test.each([
    "src//a.ts",
    "./src/../src/a.ts",
    "src/./a.ts",
    "src/a.ts/",
    "docs/../src/a.ts",
    "/proc/self/cwd/../a.ts",
  ])("denies the foreign file under the name %s, or never takes it for its own", async (path) => {
    await hook("claude pre-edit", claudeEdit("attacker", path));

    expect(await holderOf(repository, "src/a.ts")).toBe("claude:victim");
  });

  test.each(["aux.c", "src/a.ts ", "zero\u200bwidth", "~/x", "C:/x", "a\\b", ".git/config", "!x"])(
    "goes on checking a call that also names %j",
    async (odd) => {
      const input = { file_path: odd, files: ["src/a.ts"] };

      const { answer } = await hook("claude pre-edit", {
        session_id: "attacker",
        tool_name: "Edit",
        tool_input: input,
      });

      expect(denied(answer)).toBe(true);
    },
  );
});

async function guard(words: string, input = ""): Promise<number> {
  const env = { ...plainEnv, SKEIN_EXTERNAL_ID: "claude:attacker" };
  return runGuard(words.split(" "), {
    cwd: repository.root,
    env,
    isTerminal: false,
    readInput: () => input,
    warn: () => undefined,
    hasStore,
    open: () => openProject({ cwd: repository.root, env }),
  });
}

/** What an agent tries to have the guard overlook a file that another holds. */
describe("the guard", () => {
  test.each([
    ["frees every path", 'generated: ["**"]\n'],
    ["cannot be read", "generated: [\n"],
  ])("stops a foreign file though the worktree has a skein.yml that %s", async (_, text) => {
    repository.write("skein.yml", text);
    repository.write("src/a.ts", "mine\n");
    repository.git(repository.root, "add", "src/a.ts");

    expect(await guard("pre-commit")).toBe(1);
  });

  test("stops a foreign file though the agent's own branch frees every path", async () => {
    repository.git(repository.root, "switch", "--quiet", "-c", "own");
    repository.write("skein.yml", 'generated: ["**"]\nbranches: { protected: [] }\n');
    repository.git(repository.root, "add", "skein.yml");
    repository.git(repository.root, "commit", "--quiet", "-m", "Free me");
    repository.write("src/a.ts", "mine\n");
    repository.git(repository.root, "add", "src/a.ts");

    expect(await guard("pre-commit")).toBe(1);
  });

  test("takes no protection away by a skein.yml of the worktree", async () => {
    repository.write("skein.yml", "branches: { protected: [main] }\n");
    repository.git(repository.root, "add", "skein.yml");
    repository.git(repository.root, "commit", "--quiet", "-m", "Protect");
    repository.write("skein.yml", "branches: { protected: [] }\n");
    repository.write("src/free.ts", "mine\n");
    repository.git(repository.root, "add", "src/free.ts");

    expect(await guard("pre-commit")).toBe(1);
  });

  test("lets an agent commit very many free files, and leases each", async () => {
    for (let number = 0; number < 600; number += 1) {
      repository.write(`gen/${String(number)}.ts`, "x\n");
    }
    repository.git(repository.root, "add", ".");

    expect(await guard("pre-commit")).toBe(0);
    expect(await holderOf(repository, "gen/599.ts")).toBe("claude:attacker");
  });

  test("stops very many files with a foreign one among them", async () => {
    for (let number = 0; number < 600; number += 1) {
      repository.write(`gen/${String(number)}.ts`, "x\n");
    }
    repository.write("src/a.ts", "mine\n");
    repository.git(repository.root, "add", ".");

    expect(await guard("pre-commit")).toBe(1);
  });

  test.each(["aux.c", "esc\u001B[31m.ts", "tab\t.ts", "--upload-pack=x", ":(top)x", "zw\u200b.ts"])(
    "stops a foreign file beside one named %j",
    async (odd) => {
      repository.write(odd, "x\n");
      repository.write("src/a.ts", "mine\n");
      repository.git(repository.root, "add", "--all", "--", ".");

      expect(await guard("pre-commit")).toBe(1);
    },
  );

  test.each([
    ["no trailers", ""],
    ["trailers of a task that nobody knows", "\n\nSkein-Task: no/such\nSkein-Fence: 1"],
  ])("stops the push of a foreign file with %s", async (_, trailers) => {
    repository.write("src/a.ts", "mine\n");
    // The second of the session's joining and the second of the commit may be the same.
    await guard("pre-commit");
    repository.git(repository.root, "commit", "--quiet", "--all", "-m", `Mine${trailers}`);
    const head = repository.git(repository.root, "rev-parse", "HEAD");
    const line = `refs/heads/x ${head} refs/heads/x ${"0".repeat(40)}\n`;

    expect(await guard("pre-push origin x", line)).toBe(1);
  });
});

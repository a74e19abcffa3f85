import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownObject, ownText } from "../../../src/core/base/loose-object.ts";
import { claudeLine } from "../../core/costs/transcripts/records.ts";
import {
  callerNamed,
  createCoordinatedRepository,
  plainEnv,
} from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";
import {
  claudeEdit,
  createHookRunner,
  holderOf,
  silentAnswer,
  specificOf,
  wordOf,
} from "./hook-runner.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

const hook = createHookRunner(() => repository);

async function holds(path: string): Promise<string | null> {
  return holderOf(repository, path);
}

const shellCall = {
  session_id: "ada",
  tool_name: "Bash",
  tool_input: { command: "sed -i s/1/2/ src/a.ts" },
};

describe("post-shell", () => {
  it("leases what a command wrote and reports what another session holds", async () => {
    await repository.claim("codex:grace", ["src/b.ts"]);
    await hook("claude session-start", { session_id: "ada" });
    repository.write("src/a.ts", "export const a = 2;\n");
    repository.write("src/b.ts", "export const b = 22;\n");

    const { answer } = await hook("claude post-shell", shellCall);

    expect(await holds("src/a.ts")).toBe("claude:ada");
    const text = JSON.stringify(answer);
    expect(text).toContain("src/b.ts is held by");
    expect(text).toContain("send_message");
    expect(text).not.toContain("src/a.ts is held");
  });

  it("sees at its first look what was moved and removed since the session began", async () => {
    await repository.claim("codex:grace", ["src/b.ts"]);
    await hook("claude pre-edit", claudeEdit("ada", join(repository.root, "lib/new.ts")));
    mkdirSync(join(repository.root, "lib"));
    renameSync(join(repository.root, "src/a.ts"), join(repository.root, "lib/a.ts"));
    rmSync(join(repository.root, "src/b.ts"));

    const { answer } = await hook("claude post-shell", shellCall);

    expect(await holds("src/a.ts")).toBe("claude:ada");
    expect(await holds("lib/a.ts")).toBe("claude:ada");
    expect(JSON.stringify(answer)).toContain("src/b.ts is held by");
  });

  it("speaks of a change once, and not of changes from before the session", async () => {
    await repository.claim("codex:grace", ["src/b.ts"]);
    repository.write("src/b.ts", "export const b = 3;\n");
    repository.write("src/a.ts", "export const a = 3;\n");
    await hook("claude session-start", { session_id: "ada" });

    expect(await hook("claude post-shell", shellCall)).toEqual(silentAnswer);
    expect(await holds("src/a.ts")).toBeNull();
    rmSync(join(repository.root, "src/b.ts"));
    expect(JSON.stringify((await hook("claude post-shell", shellCall)).answer)).toContain(
      "src/b.ts is held by",
    );
    expect(await hook("claude post-shell", shellCall)).toEqual(silentAnswer);
  });
});

describe("session-start", () => {
  it("says in at most 1,200 characters who the session is, what it holds and what others hold", async () => {
    await repository.plan(planText);
    await repository.next("claude:ada");
    for (let index = 0; index < 30; index += 1) {
      await repository.claim(`codex:g${String(index)}`, [
        `lib/${"long-name-".repeat(8)}${String(index)}/`,
      ]);
    }

    const { answer } = await hook("claude session-start", { session_id: "ada" });

    const text = wordOf(answer, "additionalContext");
    expect(text.length).toBeLessThanOrEqual(1_200);
    expect(text).toContain("This session is s1");
    expect(text).toContain("prices/T1");
    expect(text).toContain("Held by others (30)");
  });

  it("is silent where nobody set Skein up, and writes nothing there", async () => {
    const other = join(repository.root, "..", "other");
    mkdirSync(other);
    repository.git(other, "init", "--quiet");

    expect(await hook("claude session-start", { session_id: "ada", cwd: other })).toEqual(
      silentAnswer,
    );
    expect(() => readFileSync(join(other, ".git/skein/skein.db"))).toThrow(/ENOENT/u);
  });
});

const planText = [
  "plan: prices",
  "title: Rework the prices",
  "verify: merge",
  "tasks:",
  "  - id: T1",
  "    title: Extract the price rules",
  '    files: ["src/**"]',
].join("\n");

describe("stop", () => {
  it("holds an agent back once while it has an open claim", async () => {
    await repository.plan(planText);
    await repository.next("claude:ada");

    const first = await hook("claude stop", { session_id: "ada", stop_hook_active: false });
    const second = await hook("claude stop", { session_id: "ada", stop_hook_active: true });

    expect(first.answer).toMatchObject({ decision: "block" });
    expect(JSON.stringify(first.answer)).toContain("finish_task");
    expect(second).toEqual(silentAnswer);
  });

  it("counts what the host wrote down, under the claim, and once", async () => {
    await repository.plan(planText);
    await repository.next("claude:ada");
    const at = new Date().toISOString();
    const file = join(repository.root, "..", "record.jsonl");
    writeFileSync(file, claudeLine({ id: "msg_1", at }));
    const payload = { session_id: "ada", transcript_path: file };

    await hook("claude stop", payload);
    await hook("claude stop", { ...payload, stop_hook_active: true });
    await hook("claude session-end", payload);

    const { skein } = repository.project;
    const spends = await skein.store.read((reader) => skein.costs.spends(reader));
    expect(spends).toMatchObject([{ task: "T1", microUsd: 950, usage: { outputTokens: 20 } }]);
  });

  it("answers as ever when the record is none", async () => {
    await hook("claude session-start", { session_id: "ada" });
    const places = ["/nowhere.jsonl", "/dev/zero", repository.root, "a\u0000b"];

    for (const transcript_path of places) {
      expect(await hook("claude stop", { session_id: "ada", transcript_path })).toEqual(
        silentAnswer,
      );
    }
  });

  it("lets an agent without a claim go", async () => {
    await hook("claude session-start", { session_id: "ada" });

    expect(await hook("claude stop", { session_id: "ada" })).toEqual(silentAnswer);
  });
});

describe("subagent-stop", () => {
  const sub = { agent_id: "one" };

  it("hands what a subagent edited to its agent, and not to another", async () => {
    await hook("claude session-start", { session_id: "ada" });
    await hook("claude pre-edit", claudeEdit("ada", "src/a.ts", sub));
    const before = await hook("claude pre-edit", claudeEdit("ada", "src/a.ts"));

    const { answer } = await hook("claude subagent-stop", { session_id: "ada", ...sub });

    expect(before.answer).toMatchObject({ hookSpecificOutput: { permissionDecision: "deny" } });
    expect(answer).toBeNull();
    expect(await holds("src/a.ts")).toBe("claude:ada");
    expect(await hook("claude pre-edit", claudeEdit("ada", "src/a.ts"))).toEqual(silentAnswer);
    expect((await hook("claude pre-edit", claudeEdit("bob", "src/a.ts"))).answer).not.toBeNull();
  });

  it("says nothing of a subagent that the host does not name", async () => {
    await repository.plan(planText);
    await repository.next("claude:ada");

    expect(await hook("claude subagent-stop", { session_id: "ada" })).toEqual(silentAnswer);
  });

  it("holds back a subagent that has a task, once, and leaves it its paths meanwhile", async () => {
    await repository.plan(planText);
    await repository.next("claude:ada:one");
    await hook("claude pre-edit", claudeEdit("ada", "lib/b.ts", sub));

    const { answer } = await hook("claude subagent-stop", { session_id: "ada", ...sub });

    expect(answer).toMatchObject({ decision: "block" });
    expect(await holds("lib/b.ts")).toBe("claude:ada:one");
  });
});

describe("session-end", () => {
  it("gives leases back when nothing is left to commit", async () => {
    await hook("claude pre-edit", claudeEdit("ada", "src/a.ts"));

    await hook("claude session-end", { session_id: "ada" });

    expect(await holds("src/a.ts")).toBeNull();
  });

  it("keeps them while the worktree has changes", async () => {
    await hook("claude pre-edit", claudeEdit("ada", "src/a.ts"));
    repository.write("src/a.ts", "export const a = 9;\n");

    await hook("claude session-end", { session_id: "ada" });

    expect(await holds("src/a.ts")).toBe("claude:ada");
  });
});

describe("pre-skein", () => {
  it("names a subagent's own session in its calls, so that its leases never stand in its way", async () => {
    await hook("claude pre-edit", claudeEdit("ada", "src/a.ts", { agent_id: "one" }));

    const { answer } = await hook("claude pre-skein", {
      session_id: "ada",
      agent_id: "one",
      tool_name: "mcp__skein__claim_files",
      tool_input: { paths: ["src/a.ts"] },
    });

    const handle = ownText(ownObject(specificOf(answer), "updatedInput"), "session");
    expect(specificOf(answer)).toMatchObject({ updatedInput: { paths: ["src/a.ts"] } });
    const { dispatch } = repository.project.skein;
    const outcome = await dispatch.claimFiles({
      caller: { ...callerNamed("claude:ada"), handle },
      paths: ["src/a.ts"],
      mode: "exclusive",
      durationMs: null,
      reason: "mine",
      waitMs: 0,
      origin: "files",
      key: null,
      signal: null,
    });
    expect(outcome.granted).toBe(true);
    expect(outcome.standing.session.externalId).toBe("claude:ada:one");
  });

  it("leaves the calls of a main agent alone where its host names it", async () => {
    const call = { session_id: "ada", tool_name: "mcp__skein__look", tool_input: {} };

    expect(await hook("claude pre-skein", call)).toEqual(silentAnswer);
    expect((await hook("gemini pre-skein", call)).answer).toMatchObject({
      hookSpecificOutput: { tool_input: { session: expect.stringMatching(/^s\d+_/u) } },
    });
  });

  it("keeps a session that the agent named itself", async () => {
    const call = { session_id: "ada", agent_id: "one", tool_input: { session: "s9_mine" } };

    expect(await hook("claude pre-skein", call)).toEqual(silentAnswer);
  });
});

describe("post-edit", () => {
  it("mentions unread messages, and not with every edit", async () => {
    await hook("claude session-start", { session_id: "ada" });
    const { messages, store } = repository.project.skein;
    await store.write((tx) =>
      messages.send(tx, {
        from: null,
        fromName: "grace",
        actor: "person:grace",
        to: { kind: "all" },
        text: "please mind the prices",
        thread: null,
        expiresInMs: null,
        cause: null,
      }),
    );
    const edit = claudeEdit("ada", "src/a.ts");

    expect(JSON.stringify((await hook("claude post-edit", edit)).answer)).toContain(
      "1 unread message",
    );
    expect(await hook("claude post-edit", edit)).toEqual(silentAnswer);
  });
});

describe("runHook", () => {
  it.each(["", "[]", "{", "\u0000", '"x"'])(
    "lets the agent go on and says so on %j",
    async (text) => {
      const said = await hook("claude pre-edit", text);

      expect(said.exitCode).toBe(0);
      expect(said.answer).toEqual({
        systemMessage: expect.stringContaining("nothing was checked"),
      });
    },
  );

  it("fails open and visibly when the store is broken, without a stack", async () => {
    await repository.project.skein.close();
    writeFileSync(join(repository.root, ".git/skein/skein.db"), "this is no database at all");
    rmSync(join(repository.root, ".git/skein/skein.db-wal"), { force: true });

    const said = await hook("claude pre-edit", claudeEdit("ada", "src/a.ts"));

    expect(said.exitCode).toBe(0);
    expect(said.warnings).toHaveLength(1);
    expect(said.warnings[0]).toMatch(/SKN-71\d\d/u);
    expect(said.warnings[0]).not.toMatch(/\n\s+at /u);
    expect(said.answer).toEqual({ systemMessage: expect.stringContaining("nothing was checked") });
  });

  it("tells how it is called when it is called wrongly", async () => {
    const said = await hook("emacs pre-edit", "{}");

    expect(said.exitCode).toBe(1);
    expect(said.warnings[0]).toContain("SKN-1903 usage");
  });

  it("leaves one handle for a session, however many of its hooks run", async () => {
    for (const path of ["src/a.ts", "src/b.ts", "docs/readme.md"]) {
      await hook("claude session-start", { session_id: "ada" });
      await hook("claude pre-edit", claudeEdit("ada", path));
    }

    const { store } = repository.project.skein;
    const kept = await store.read((reader) =>
      reader.all("SELECT made_at_ms FROM session_handles WHERE project = ?", [reader.project]),
    );

    expect(kept).toHaveLength(1);
    expect(await holderOf(repository, "src/b.ts")).not.toBeNull();
  });

  it("works as a process of its own", async () => {
    await repository.claim("codex:grace", ["src/a.ts"]);
    const main = new URL("../../../src/mcp/hooks/main.ts", import.meta.url).pathname;

    const text = execFileSync(process.execPath, [main, "hook", "claude", "pre-edit"], {
      cwd: repository.root,
      input: JSON.stringify(claudeEdit("ada", "src/a.ts")),
      encoding: "utf8",
      env: { ...plainEnv },
    });

    expect(JSON.parse(text)).toMatchObject({ hookSpecificOutput: { permissionDecision: "deny" } });
  });
});

import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { missingPrograms, namedPrograms } from "../../src/cli/doctor/commands.ts";
import { leastCpuMs } from "../support/cpu-time.ts";
import { examineNode } from "../../src/cli/doctor/machine.ts";
import { createProcessProbe } from "../../src/adapters/process/probe.ts";
import type { ProcessStamp } from "../../src/core/sessions/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, ownFile, twoTasks } from "./command-line.ts";
import { aSetUp, edit, examine, inProject, troubles } from "./doctor-patient.ts";

afterEach(removeRepositories);

describe("doctor", () => {
  test("finds nothing wrong right after init", async () => {
    const line = await aSetUp();

    const { code, findings } = await examine(line);

    expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
    expect(code).toBe(0);
    expect(findings.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["node", "git", "sqlite", "database", "schema", "ledger", "doorbell"]),
    );
  });

  test("names every fault that was planted, with its fix and its place in the documentation", async () => {
    const line = await aSetUp();
    const { repository, skein } = line;
    await skein("plan import -", { input: twoTasks.replace("verify: none", "verify: merge") });
    chmodSync(join(repository.root, ".git/hooks/pre-commit"), 0o644);
    rmSync(join(repository.root, ".git/hooks/commit-msg"));
    edit(line, ".git/hooks/pre-push", (text) =>
      text.replaceAll("/bin/skein.js", "/gone/bin/skein.js"),
    );
    edit(line, ".mcp.json", (text) => text.replace("/bin/skein.js", "/gone/bin/skein.js"));
    edit(line, ".claude/settings.local.json", () => '{"defaultMode": "bypassPermissions"}');
    edit(line, "skein.yml", () => "leases:\n  minuts: 3\n");
    chmodSync(join(repository.root, ".git/skein"), 0o755);
    repository.git("worktree", "add", "-q", "../apart");
    rmSync(join(repository.root, "../apart/.git"));
    repository.git("init", "-q", "../apart");

    const { code, findings } = await examine(line);

    const found = findings.filter(({ level }) => level !== "ok");
    expect(code).toBe(1);
    expect(new Set(found.map(({ id }) => id))).toEqual(
      new Set([
        "settings",
        "store-folder-mode",
        "git-hook-mode",
        "git-hook-missing",
        "git-hook-command",
        "worktree-apart",
        "agent-command",
        "unsafe-flag",
      ]),
    );
    const page = ownFile("docs/cli.md");
    for (const { id, fix } of findings.filter(({ level }) => level !== "ok")) {
      expect(fix.length, id).toBeGreaterThan(5);
      expect(page, id).toContain(`### ${id}`);
    }
  });

  test("names what an agent program's own settings turn off, and not what they leave on", async () => {
    const line = await aSetUp();
    edit(line, ".claude/settings.json", (text) => text.replace("{", '{"disableAllHooks": false,'));
    edit(line, ".codex/config.toml", (text) => `[features]\nhooks = true\n${text}`);
    const before = await examine(line);
    edit(line, ".claude/settings.json", (text) => text.replace("false", "true"));
    edit(line, ".claude/settings.local.json", () => '{"disabledMcpjsonServers": ["x", "skein"]}');
    edit(line, ".codex/config.toml", (text) => text.replace("true", "false"));
    edit(line, ".gemini/settings.json", () => '{"hooksConfig": {"enabled": false}}');

    const { findings } = await examine(line);

    expect(before.findings.filter(({ id }) => id === "agent-off")).toEqual([]);
    const off = findings.filter(({ id }) => id === "agent-off");
    expect(off.map(({ level, what }) => `${level} ${what.split(" ")[0] ?? ""}`)).toEqual([
      "warn .claude/settings.json",
      "warn .claude/settings.local.json",
      "warn .codex/config.toml",
      "warn .gemini/settings.json",
    ]);
    expect(ownFile("docs/cli.md")).toContain("### agent-off");
  });

  test("names how people and agents went astray", async () => {
    const line = await aSetUp();
    await line.skein("plan import -", { input: twoTasks.replace("verify: none", "verify: merge") });
    await inProject(line, async ({ skein }) => {
      const caller = { ...nobody, externalId: "claude:ada", process: goneProcess() };
      const { claim } = await skein.dispatch.nextTask({
        caller,
        plan: null,
        task: null,
        waitMs: 0,
        key: null,
        signal: null,
      });
      await skein.dispatch.finishTask({
        caller,
        task: "T1",
        fence: claim?.fence ?? 0,
        outcome: "submitted",
        summary: "done",
        cause: null,
        commit: null,
        usage: [],
        claimNext: false,
        key: null,
      });
      await skein.dispatch.claimFiles({
        caller: { ...caller, externalId: "claude:bob", name: "bob" },
        paths: ["docs/b.md"],
        mode: "exclusive",
        durationMs: null,
        reason: "",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });
      await skein.store.write((tx) =>
        skein.events.append(tx, {
          kind: "guard.overridden",
          actor: "person:ann",
          cause: null,
          data: {},
          changes: [],
        }),
      );
    });

    expect(await troubles(line)).toEqual(["session-stale", "guard-overruled", "no-commit"]);
    const status = await line.skein("status");
    expect(status.out).toMatch(/^ +s\d+ +bob +dead .*; what it holds comes back by itself$/mu);
    expect(status.out).toMatch(/^ +s\d+ +ada +dead +worker$/mu);
    expect(status.out).not.toContain("is dead");
    expect((await line.json("status"))["needs_person"]).toEqual([]);
    const { out } = await line.skein("doctor");
    expect(out).toContain("People committed or pushed once what the guard objected to.");
    expect(out).toContain("1 task was submitted without a commit, as demo/T1.");
    const { findings } = await examine(line);
    const { fix = "" } = findings.find(({ id }) => id === "no-commit") ?? {};
    for (const [, words = ""] of fix.matchAll(/skein (task \w+ \S+\w)/gu)) {
      const yes = words.startsWith("task cancel") ? " --yes" : "";
      expect(await line.skein(`${words}${yes}`), words).toMatchObject({ code: 0 });
    }
    expect(await troubles(line)).not.toContain("no-commit");
  });

  test.each([
    [".mcp.json", () => "{ oops", "agent-file"],
    [".claude/settings.json", () => "{}", "agent-missing"],
    [
      ".claude/settings.json",
      (text: string) => text.replace("PreToolUse", "PreToolUze"),
      "agent-config",
    ],
  ] as const)("tells from %s what is wrong (%#)", async (path, change, id) => {
    const line = await aSetUp();
    edit(line, path, change);

    expect(await troubles(line)).toEqual([id]);
  });

  test("names hooks that git runs from elsewhere", async () => {
    const line = await aSetUp();
    line.repository.git("config", "core.hooksPath", "/elsewhere/hooks");

    expect(await troubles(line)).toEqual(["git-hooks-outside"]);
  });

  test("names a store that holds something else, a damaged one and one of a newer Skein", async () => {
    const [foreign, newer, forged] = [await aSetUp(), await aSetUp(), await aSetUp()];
    writeFileSync(join(foreign.repository.root, ".git/skein/skein.db"), "not a database at all");
    const database = new DatabaseSync(join(newer.repository.root, ".git/skein/skein.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    await forged.skein("plan import -", { input: twoTasks });
    await inProject(forged, ({ skein }) =>
      skein.store.write((tx) =>
        tx.run("UPDATE events SET text = replace(text, 'demo', 'fake') WHERE project = ?", [
          tx.project,
        ]),
      ),
    );

    expect(await troubles(foreign)).toEqual(["store"]);
    expect(await troubles(newer)).toEqual(["store"]);
    expect(await troubles(forged)).toContain("ledger");
  });

  test("says of a store's folder that all may write how it is closed, and names no link", async () => {
    const line = await aSetUp();
    chmodSync(join(line.repository.root, ".git/skein"), 0o777);

    const { out } = await line.skein("doctor");

    expect(out).toContain("SKN-7113");
    expect(out).toContain("`chmod 700` that directory");
    expect(out).not.toContain("Replace the link");
  });

  test("says where there is no ledger and where there is no repository", async () => {
    const bare = aCommandLine();
    const { out } = await bare.skein("doctor", { cwd: "/" });

    expect(await troubles(bare)).toContain("store-missing");
    expect(out).toContain("repository: / is in no git repository");
  });

  test("mends with --fix what needs no decision, and the next look finds it well", async () => {
    const line = await aSetUp();
    chmodSync(join(line.repository.root, ".git/hooks/pre-commit"), 0o644);
    chmodSync(join(line.repository.root, ".git/skein"), 0o755);

    const mended = await examine(line, "doctor --fix");

    expect(mended.code).toBe(0);
    expect(await troubles(line)).toEqual([]);
  });
});

describe("the next step to set Skein up again", () => {
  test.each([
    ["none", "skein init --yes --agents none"],
    ["claude,codex", "skein init --yes --agents claude,codex"],
  ])("names the programs that a person chose: %s", async (chosen, fix) => {
    const line = aCommandLine({ "CLAUDE.md": "Be kind.\n" });
    await line.skein(`init --yes --agents ${chosen}`);
    rmSync(join(line.repository.root, ".git/hooks/pre-commit"));

    const { findings } = await examine(line);

    expect(findings.filter(({ id }) => id === "agent-missing")).toEqual([]);
    expect(findings).toContainEqual(expect.objectContaining({ id: "git-hook-missing", fix }));
  });
});

const nobody = {
  handle: null,
  externalId: null,
  parentExternalId: null,
  process: null,
  client: null,
  gitDir: null,
  branch: null,
  name: "ada",
  role: null,
  skills: null,
};

/** A process of this host and boot that is not there. */
function goneProcess(): ProcessStamp {
  return { ...createProcessProbe().self(), pid: 4_000_000, startedAt: "1" };
}

describe("examineNode", () => {
  test.each([
    ["20.19.0", "fail"],
    ["22.17.1", "fail"],
    ["22.18.0", "ok"],
    ["24.0.0", "ok"],
  ])("judges %s as %s", (version, level) => {
    expect(examineNode(version).level).toBe(level);
  });
});

describe("namedPrograms", () => {
  test("finds Node and Skein in JSON, TOML and shell, spaces and all", () => {
    const text = [
      '"command": "/opt/my node/bin/node", "args": ["/x/bin/skein.js", "mcp"]',
      "  '/opt/my node/bin/node' /x/bin/skein.js guard pre-commit",
    ].join("\n");

    expect(namedPrograms(text)).toEqual(["/opt/my node/bin/node", "/x/bin/skein.js"]);
    expect(missingPrograms(text)).toHaveLength(2);
    expect(missingPrograms(`"${process.execPath}"`)).toEqual([]);
  });

  test("reads a line of paths that are no programs in time that grows with it alone", () => {
    const text = " /a".repeat(200_000);

    expect(leastCpuMs(() => namedPrograms(text))).toBeLessThan(400);
    expect(namedPrograms(`${text}\n/x/bin/skein.js`)).toEqual(["/x/bin/skein.js"]);
  });
});

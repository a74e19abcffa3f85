import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test, vi } from "vitest";
import { locateRepository } from "../../src/adapters/git/index.ts";
import { examineFileSystem } from "../../src/cli/doctor/store.ts";
import { answerFolder, makeAnswerFolder } from "../../src/adapters/bus/answer-place.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine, ownFile, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { aSetUp, edit, examine, inProject, troubles } from "./doctor-patient.ts";
import type { Examined } from "./doctor-patient.ts";

afterEach(removeRepositories);

const preCommit = ".git/hooks/pre-commit";

/** A program beside the repository that stands for Node or Skein. */
function plant({ repository }: CommandLine, path: string, text: string): string {
  const file = join(dirname(repository.root), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

function storeOf({ repository }: CommandLine): string {
  return join(repository.root, ".git/skein");
}

function socketsOf({ repository }: CommandLine): string {
  const found = locateRepository(repository.root);
  expect(found).not.toBeNull();
  return found === null ? "" : answerFolder(found);
}

async function said(line: CommandLine, id: string): Promise<string> {
  const { findings } = await examine(line);
  return findings.find((finding) => finding.id === id)?.what ?? "";
}

describe("doctor on one planted fault", () => {
  test("a git hook whose Skein is gone", async () => {
    const line = await aSetUp();
    edit(line, preCommit, (text) => text.replaceAll(/\S+\/bin\/skein\.js/gu, "/opt/x/cli/start"));

    expect(await troubles(line)).toEqual(["git-hook-config"]);

    edit(line, preCommit, (text) => text.replaceAll("/opt/x/cli/start", "/opt/x/skein.js"));
    expect(await troubles(line)).toEqual(["git-hook-command"]);
  });

  test("a git hook that starts and fails", async () => {
    const line = await aSetUp();
    const broken = plant(line, "other/bin/skein.js", "throw new Error('half installed');\n");
    edit(line, preCommit, (text) => text.replaceAll(/[^\s'"]+\/bin\/skein\.js/gu, broken));

    expect(await troubles(line)).toEqual(["git-hook-run"]);
    expect(await said(line, "git-hook-run")).toContain("pre-commit");
  });

  test("runs Skein's part of a git hook and not the hook that was there before", async () => {
    const line = await aSetUp();
    const mark = join(line.repository.root, "ran");
    edit(line, `${preCommit}.before-skein`, () => `#!/bin/sh\ntouch '${mark}'\nexit 1\n`);
    chmodSync(join(line.repository.root, `${preCommit}.before-skein`), 0o755);

    expect(await troubles(line)).toEqual([]);
    expect(existsSync(mark)).toBe(false);
  });

  test("a git hook that somebody edited is named and not run", async () => {
    const line = await aSetUp();
    const mark = join(line.repository.root, "ran");
    edit(line, preCommit, (text) => `${text}touch '${mark}'\n`);

    expect(await troubles(line)).toEqual(["git-hook-config"]);
    expect(existsSync(mark)).toBe(false);
  });

  test("git hooks that start an old Node", async () => {
    const line = await aSetUp();
    const old = plant(line, "old/node", "#!/bin/sh\necho v18.20.4\n");
    edit(line, preCommit, (text) => text.replaceAll(process.execPath, old));

    expect(await troubles(line)).toContain("hook-node");
    expect(await said(line, "hook-node")).toContain("18.20.4");
  });

  test("two versions of Skein", async () => {
    const line = await aSetUp();
    plant(line, "two/package.json", '{"name":"skein","version":"0.0.1"}');
    const bin = plant(line, "two/bin/skein.js", "");
    edit(line, ".mcp.json", (text) => text.replace(/"[^"]+skein\.js"/u, JSON.stringify(bin)));

    expect(await troubles(line)).toEqual(["two-versions", "agent-config"]);
    expect(await said(line, "two-versions")).toContain("0.0.1");
  });

  test("files for every machine where npx finds no Skein", async () => {
    const line = await aSetUp();
    const withNpx = async (script: string, words: string): Promise<string> => {
      const folder = dirname(plant(line, "path/npx", `#!/bin/sh\n${script}\n`));
      const PATH = `${folder}:${testEnv["PATH"]}`;
      return (await line.skein(words, { env: { PATH } })).out;
    };
    const doctor = async (script: string): Promise<readonly string[]> => {
      const { findings }: Examined = JSON.parse(await withNpx(script, "doctor --json"));
      return findings.filter(({ id }) => id === "npx").map(({ what }) => what);
    };
    await withNpx("exit 1", "init --yes --portable --agents claude");

    expect(await doctor("exit 1")).toEqual([
      ".mcp.json starts Skein with `npx --no skein`, and npx finds none.",
    ]);
    expect(await doctor('test "$*" = "--no -- skein explain SKN-0001"')).toEqual([
      "npx finds the Skein that committed files start.",
    ]);
  });

  test("hooks of an agent program that fail when they run", async () => {
    const line = await aSetUp();
    const database = new DatabaseSync(join(storeOf(line), "skein.db"));
    database.exec("DROP TABLE lease_paths");
    database.close();

    const found = await troubles(line);

    expect(found).toContain("agent-hook-run");
  });

  test("a command among an agent program's hooks that Skein did not write is not run", async () => {
    const line = await aSetUp();
    const mark = join(line.repository.root, "ran");
    edit(line, ".claude/settings.json", (text) =>
      text.replaceAll("skein.js hook", `skein.js; touch '${mark}'; echo hook`),
    );

    expect(await troubles(line)).toEqual(["agent-config"]);
    expect(existsSync(mark)).toBe(false);
  });

  test("a broken skein.yml hides nothing behind it", async () => {
    const line = await aSetUp();
    edit(line, "skein.yml", () => "leases:\n  minuts: 3\n");
    await line.skein("init --yes --agents none");
    const database = new DatabaseSync(join(storeOf(line), "skein.db"));
    database.exec("UPDATE store_clock SET store_ms = store_ms + 3600000");
    database.close();

    const { findings } = await examine(line);

    const levels = new Map(findings.map(({ id, level }) => [id, level]));
    expect(levels.get("settings")).toBe("fail");
    expect(levels.get("clock-behind")).toBe("warn");
    expect(levels.get("database")).toBe("ok");
    expect(levels.get("mcp")).toBe("ok");
  });

  test("a skein.yml with several faults tells all of them, and each once", async () => {
    const line = await aSetUp();
    const { root } = line.repository;
    edit(line, "skein.yml", () => "provider: {}\nprofile: prod\nreview: { seats: 21 }\n");
    line.repository.git("add", "skein.yml");
    line.repository.git("commit", "--quiet", "--no-verify", "-m", "Settings");

    const { code, findings } = await examine(line);
    const { out } = await line.skein("doctor");

    expect(code).toBe(1);
    expect(findings.filter(({ level }) => level !== "ok")).toMatchObject([
      {
        id: "settings",
        what: expect.stringMatching(
          /^SKN-2002 skein\.yml, line 1, column 1: .* \(And 2 more\.\)$/u,
        ),
        why: expect.stringContaining("hooks fail"),
        also: [
          expect.stringMatching(/^2:10 `profile` takes one of/u),
          expect.stringMatching(/^3:18 `review\.seats` takes a whole number/u),
        ],
      },
    ]);
    for (const words of ["`provider` is no setting", "`profile` takes", "`review.seats` takes"]) {
      expect(out.split(words), root).toHaveLength(2);
    }
    expect(out).toMatch(/^ {6}Also: 3:18 `review\.seats`/mu);
  });

  test("two files of an agent program that are no JSON are both told, and each once", async () => {
    const line = await aSetUp();
    edit(line, ".mcp.json", () => '{ "mcpServers": ');
    edit(line, ".claude/settings.json", () => '{ "hooks": [');

    const { findings } = await examine(line);

    expect(findings.filter(({ id }) => id === "agent-file").map(({ what }) => what)).toEqual([
      expect.stringContaining(".mcp.json is no JSON"),
      expect.stringContaining(".claude/settings.json is no JSON"),
    ]);
  });

  test("a file of an agent program that is no JSON hides no fault of another file", async () => {
    const line = await aSetUp();
    edit(line, ".claude/settings.json", (text) => text.replaceAll("pre-edit", "stop"));
    expect(await troubles(line)).toEqual(["agent-config"]);

    edit(line, ".mcp.json", () => '{ "mcpServers": ');
    expect(await troubles(line)).toEqual(["agent-file", "agent-config"]);

    edit(line, ".mcp.json", () => '{ "mcpServers": { "skein": { "command": "/gone/node" } } }');
    expect(await troubles(line)).toEqual(["agent-command", "agent-config"]);
  });

  test("a clock that is behind the store's", async () => {
    const line = await aSetUp();
    const database = new DatabaseSync(join(storeOf(line), "skein.db"));
    database.exec("UPDATE store_clock SET store_ms = store_ms + 3600000");
    database.close();

    expect(await troubles(line)).toEqual(["clock-behind"]);
  });

  test("a doorbell that is gone, and one that is no file", async () => {
    const line = await aSetUp();
    await line.skein("plan import -", { input: twoTasks });
    const bell = join(storeOf(line), "doorbell");
    rmSync(bell);

    expect(await troubles(line)).toEqual(["doorbell-gone"]);
    expect((await examine(line, "doctor --fix")).code).toBe(0);
    expect(await troubles(line)).toEqual([]);

    rmSync(bell);
    mkdirSync(bell);
    expect(await troubles(line)).toEqual(["doorbell"]);
  });

  test("a socket at which nobody listens, and a folder that others may enter", async () => {
    const line = await aSetUp();
    const folder = socketsOf(line);
    const found = locateRepository(line.repository.root);
    await vi.waitFor(() => {
      // The server that init started for its live check may still take its empty folder away.
      expect(found !== null && makeAnswerFolder(found)).toBe(true);
      writeFileSync(join(folder, "2.sock"), "");
    });
    const server = createServer().listen(join(folder, "1.sock"));

    try {
      expect(await troubles(line)).toEqual(["socket-dead"]);

      chmodSync(folder, 0o755);
      expect(await troubles(line)).toEqual(["socket-folder"]);
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("a worktree that git still lists", async () => {
    const line = await aSetUp();
    line.repository.git("worktree", "add", "-q", "../gone");
    rmSync(join(line.repository.root, "../gone"), { recursive: true });

    expect(await troubles(line)).toEqual(["worktree-gone"]);
  });

  test("a store that is a folder", async () => {
    // No init: the server that it starts for its live check may still be on its way out.
    const line = aCommandLine({ "CLAUDE.md": "Be kind.\n" });
    await line.skein("plan import -", { input: twoTasks });
    const file = join(storeOf(line), "skein.db");
    rmSync(file);
    mkdirSync(file);

    expect(await troubles(line)).toContain("store");
  });

  test("a note of the store that others could have written hides nothing behind it", async () => {
    const line = aCommandLine({ "CLAUDE.md": "Be kind.\n" });
    mkdirSync(storeOf(line), { recursive: true });
    const note = join(storeOf(line), "store.json");
    writeFileSync(note, '{"url":"env:TEAM","project":"shop"}');
    chmodSync(note, 0o666);

    expect(await troubles(line)).toEqual(expect.arrayContaining(["store", "git-hook-missing"]));
  });

  test("what git itself cannot read hides nothing behind it", async () => {
    const line = await aSetUp();
    edit(line, ".git/config", (text) => `${text}[core\n`);

    const { findings } = await examine(line);

    const ids = new Set(findings.map(({ id }) => id));
    expect(ids).toContain("unfinished");
    expect(ids).toContain("mcp");
  });

  test("a settings file of an agent program that cannot be read is told once, and hides nothing behind it", async () => {
    const line = await aSetUp();
    rmSync(join(line.repository.root, ".mcp.json"));
    mkdirSync(join(line.repository.root, ".mcp.json"));

    const { findings } = await examine(line);

    expect(findings.filter(({ level }) => level !== "ok")).toMatchObject([
      { id: "agent-file", what: ".mcp.json is a folder, where a file belongs." },
    ]);
    expect(findings.map(({ id }) => id)).toContain("mcp");
  });

  test("sessions that left with empty hands are no trouble", async () => {
    const line = await aSetUp();
    await inProject(line, async ({ skein }) => {
      await skein.dispatch.identify({
        handle: null,
        externalId: "claude:ada",
        parentExternalId: null,
        process: { host: "h", bootId: "b", pid: 1, startedAt: "1", namespace: "1" },
        client: null,
        gitDir: null,
        branch: null,
        name: "ada",
        role: null,
        skills: null,
      });
    });

    expect(await troubles(line)).toEqual([]);
  });

  test("leaves nothing behind", async () => {
    const line = await aSetUp();
    const state = async () => ({ ...(await line.json("export -")), exported_at: 0 });
    const before = await state();
    const files = readdirSync(line.repository.root);

    await troubles(line);

    expect(await state()).toEqual(before);
    expect(readdirSync(line.repository.root)).toEqual(files);
  });

  test("each of these faults has its place in the documentation", () => {
    const page = ownFile("docs/cli.md");

    for (const id of newIds) {
      expect(page, id).toContain(`### ${id}\n`);
    }
  });
});

const newIds = [
  "agent-hook-run",
  "clock-behind",
  "doorbell-gone",
  "file-system",
  "git-hook-config",
  "git-hook-run",
  "hook-node",
  "npx",
  "socket-dead",
  "store-unreadable",
  "socket-folder",
  "two-versions",
  "unfinished",
  "worktree-gone",
];

/** A user of the system who owns nothing: this machine's tests may run as root, for whom every file is open. */
const nobody = 65_534;
const canBecomeNobody = process.getuid?.() === 0 && process.platform === "linux";

function asNobody(line: CommandLine): string {
  const { root } = line.repository;
  chmodSync(dirname(root), 0o755);
  const main = join(import.meta.dirname, "../../src/cli/main.ts");
  const { stdout, stderr } = spawnSync(process.execPath, [main, "doctor"], {
    cwd: root,
    uid: nobody,
    gid: nobody,
    encoding: "utf8",
    env: {
      ...testEnv,
      HOME: "/nonexistent",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    },
  });
  return stdout + stderr;
}

describe.runIf(canBecomeNobody)("doctor for another user", () => {
  test("names a store that may not be read", async () => {
    const line = await aSetUp();

    const output = asNobody(line);

    expect(output).toMatch(/^fail {2}store-unreadable/mu);
    expect(output).toContain(`This user may not look into ${storeOf(line)}.`);
    expect(output).not.toContain("skein init --url");
  });

  test("names a folder that may be read and not written", async () => {
    const line = await aSetUp();
    const folder = storeOf(line);
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
      chmodSync(path, 0o755);
    }
    chownSync(folder, 0, 0);

    expect(asNobody(line)).toContain("store-writable");
    expect(readFileSync(join(folder, "skein.db")).length).toBeGreaterThan(0);
  });
});

describe("examineFileSystem", () => {
  test.each([
    [0xef_53, "ok"],
    [0x69_69, "fail"],
    [0x65_73_55_46, "fail"],
    [0xff_53_4d_42 - 2 ** 32, "fail"],
  ])("judges the type %i as %s", (type, level) => {
    expect(examineFileSystem(type).level).toBe(level);
  });
});

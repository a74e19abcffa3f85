import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { locateRepository } from "../../src/adapters/git/index.ts";
import type { Finding, Patient } from "../../src/cli/doctor/finding.ts";
import { examineRepository } from "../../src/cli/doctor/git.ts";
import { examineRecord } from "../../src/cli/doctor/record.ts";
import { examineSettingsFiles } from "../../src/cli/doctor/settings-files.ts";
import { examinePlace } from "../../src/cli/doctor/store.ts";
import { storeDirOf } from "../../src/compose.ts";
import { loadSettings } from "../../src/settings.ts";
import { ownFile } from "./command-line.ts";
import { initIn, put } from "./init/init-stand.ts";
import { createTestRepository } from "./init/repository.ts";
import type { TestRepository } from "./init/repository.ts";

let repository: TestRepository;

beforeEach(async () => {
  repository = createTestRepository();
});

afterEach(() => {
  repository.remove();
});

async function init(): Promise<void> {
  expect(await initIn(repository, { agents: ["none"] })).toEqual({ code: 0, error: "" });
}

/** Nobody has a store here: hooks are looked at and not run. */
function aPatient(): Patient {
  const { root } = repository;
  const place = locateRepository(root);
  if (place === null) {
    throw new Error("There is no repository.");
  }
  const env = { PATH: process.env["PATH"], HOME: root, GIT_CONFIG_GLOBAL: "/dev/null" };
  return {
    cwd: root,
    env,
    repository: place,
    storeDir: storeDirOf(place),
    project: null,
    app: null,
  };
}

/** As `fail store-empty: what`, with the next step; each has its place in the documentation. */
function told(findings: readonly Finding[]): readonly string[] {
  const page = ownFile("docs/cli.md");
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ level, id, what, fix }) => {
      expect(page, id).toContain(`### ${id}\n`);
      expect(fix.length, id).toBeGreaterThan(5);
      return `${level} ${id}: ${what.replaceAll(`${repository.root}/`, "")}`;
    });
}

describe("doctor on a git hook", () => {
  test("that is a folder names it", async () => {
    await init();
    const hook = join(repository.root, ".git/hooks/pre-commit");
    rmSync(hook);
    mkdirSync(hook);

    expect(told(await examineRepository(aPatient()))).toEqual([
      "fail git-hook-missing: The git hook pre-commit is no file: .git/hooks/pre-commit.",
    ]);
  });

  test.each([
    ["npm test\nexit 0\n", 2],
    ["#!/bin/sh\nset -e\nexec lint-staged --quiet\n", 3],
  ])("that ends before Skein's lines says where: %j", async (text, line) => {
    repository.git("config", "core.hooksPath", ".husky");
    repository.write(".husky/pre-commit", text);
    await init();

    expect(told(await examineRepository(aPatient()))).toEqual([
      `warn git-hook-unreached: The git hook pre-commit ends in line ${String(line)}, before it asks Skein.`,
    ]);
  });

  test.each([
    'if [ -n "$CI" ]; then\n  exit 0\nfi\n',
    '[ -n "$CI" ] && exit 0\n',
    "exec >&2\n",
    "exec 3<&0\n",
  ])("that goes on to Skein's lines is well: %j", async (text) => {
    repository.git("config", "core.hooksPath", ".husky");
    repository.write(".husky/pre-commit", text);
    await init();

    expect(told(await examineRepository(aPatient()))).toEqual([]);
  });
});

describe("doctor on a script into which init would not write", () => {
  test.each([
    ["else\n", "npm test\nelse\n", 6],
    ["|| exit $?", "|| exit 0", 5],
  ])("says why, with the line, where %j is %j", async (from, to, line) => {
    repository.git("config", "core.hooksPath", ".husky");
    await init();
    const hook = ".husky/pre-commit";
    const text = repository.read(hook).replace(from, () => to);
    repository.write(hook, text);

    expect(told(await examineRepository(aPatient()))).toEqual([
      expect.stringMatching(`^warn git-hook-config: .*${hook}, line ${String(line)}: `),
    ]);
    expect(repository.read(hook)).toBe(text);
  });

  test("takes Skein's lines in a here-document for none of its own", async () => {
    repository.git("config", "core.hooksPath", ".husky");
    await init();
    const block = repository.read(".husky/pre-commit").slice("#!/bin/sh\n\n".length);
    repository.write(".husky/pre-commit", `#!/bin/sh\ncat <<END\n${block}END\n\n`);
    expect(told(await examineRepository(aPatient()))).toEqual([
      expect.stringMatching(/^warn git-hook-config: /u),
    ]);

    await init();
    expect(told(await examineRepository(aPatient()))).toEqual([]);
    repository.write(".husky/pre-commit", `#!/bin/sh\ncat <<END\n${block}END\nexit 0\n${block}`);
    expect(told(await examineRepository(aPatient()))).toEqual([
      "warn git-hook-unreached: The git hook pre-commit ends in line 12, before it asks Skein.",
    ]);
  });
});

describe("init on a git hook that is no script", () => {
  test("leaves a compiled program as it is, to the byte, and says so", async () => {
    const program = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xe9, 0xff, 0x00, 0x0a]);
    put(repository, ".git/hooks/pre-push", program);
    const before = repository.files();

    const { error } = await initIn(repository, { agents: ["none"] });

    expect(error).toContain("SKN-2095");
    expect(error).toContain("pre-push is no script of text");
    expect(repository.files()).toEqual(before);
    expect(readFileSync(join(repository.root, ".git/hooks/pre-push")).equals(program)).toBe(true);
  });

  test("says so of a folder", async () => {
    mkdirSync(join(repository.root, ".git/hooks/commit-msg"), { recursive: true });

    expect((await initIn(repository, { agents: ["none"] })).error).toContain("SKN-2095");
  });
});

test("doctor on a worktree whose folder is gone says what to do where it was moved, and where it was removed", async () => {
  await init();
  repository.git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", "First");
  repository.git("worktree", "add", "--quiet", join(repository.root, "apart"));
  rmSync(join(repository.root, "apart"), { recursive: true });

  const found = (await examineRepository(aPatient())).find(({ id }) => id === "worktree-gone");

  expect(found?.fix).toContain("git worktree repair");
  expect(found?.fix).toContain("git worktree prune");
});

describe("doctor on the store's place", () => {
  test("names a file where the folder belongs as that", () => {
    writeFileSync(join(repository.root, ".git/skein"), "");

    expect(told(examinePlace(aPatient().storeDir, { isServer: false }))).toEqual([
      "fail store-unreadable: .git/skein is a file, where the folder of the ledger belongs.",
    ]);
  });

  test("names a ledger of no bytes before it is made anew", () => {
    const { storeDir } = aPatient();
    mkdirSync(storeDir, { mode: 0o700 });
    writeFileSync(join(storeDir, "skein.db"), "", { mode: 0o600 });

    expect(told(examinePlace(storeDir, { isServer: false }))).toEqual([
      "fail store-empty: .git/skein/skein.db has no bytes: what was in the ledger is gone.",
    ]);
  });

  test("notes a record of init that cannot be read", async () => {
    await init();
    expect(told(await examineRecord(aPatient()))).toEqual([]);

    put(repository, ".git/skein/init.json", "{ oops");
    expect(told(await examineRecord(aPatient()))).toEqual([
      "note init-record: .git/skein/init.json is no record of what `skein init` wrote.",
    ]);
  });
});

describe("doctor on settings", () => {
  test.each(["skein.yaml", ".skein.yml", ".github/skein.yaml", "skein.json", "skein.toml"])(
    "names a %s, which nothing reads",
    async (file) => {
      repository.write(file, "leases: { minutes: 3 }\n");

      expect(told(await examineSettingsFiles(aPatient()))).toEqual([
        `warn settings-unread: ${file} is not read.`,
      ]);
    },
  );

  test("names the second of two files, and not one alone", async () => {
    repository.write(".github/skein.yml", "leases: { minutes: 3 }\n");
    expect(told(await examineSettingsFiles(aPatient()))).toEqual([]);

    repository.write("skein.yml", "leases: { minutes: 4 }\n");
    expect(told(await examineSettingsFiles(aPatient()))).toEqual([
      "warn settings-unread: .github/skein.yml is not read.",
    ]);
  });

  test("takes a skein.yml that is no UTF-8 for one, and not for another text", async () => {
    put(repository, "skein.yml", Buffer.from("branches:\n  target: caf\xE9\n", "latin1"));

    await expect(loadSettings({ root: repository.root, env: {} })).rejects.toMatchObject({
      code: "SKN-2001",
      message: expect.stringMatching(/skein\.yml is no UTF-8 from line 2, column 14 on\.$/u),
    });
  });

  test("takes a skein.yml that is a link to nowhere for no missing file", async () => {
    symlinkSync("nowhere.yml", join(repository.root, "skein.yml"));

    await expect(loadSettings({ root: repository.root, env: {} })).rejects.toMatchObject({
      code: "SKN-2001",
    });
  });
});

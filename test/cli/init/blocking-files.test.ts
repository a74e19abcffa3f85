import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { removeRepositories } from "../../adapters/git/repositories.ts";
import { aCommandLine } from "../command-line.ts";
import type { CommandLine } from "../command-line.ts";
import { examine } from "../doctor-patient.ts";

afterAll(removeRepositories);

let line: CommandLine;

beforeEach(() => {
  line = aCommandLine();
});

function at(path: string): string {
  return join(line.repository.root, path);
}

function put(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

/** A pipe that nobody writes to, or a link to a file of the system whose end never comes. */
function plant(sort: "pipe" | "link", path: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  rmSync(at(path), { force: true });
  if (sort === "pipe") {
    execFileSync("mkfifo", [at(path)]);
  } else {
    symlinkSync("/proc/kmsg", at(path));
  }
}

const every = "claude,codex,gemini,opencode,cursor,vscode";

const files = [
  ".mcp.json",
  ".claude/settings.json",
  ".codex/config.toml",
  ".codex/hooks.json",
  ".gemini/settings.json",
  "opencode.json",
  ".opencode/plugin/skein.js",
  ".cursor/mcp.json",
  ".vscode/mcp.json",
];

describe.skipIf(process.platform !== "linux").each(["pipe", "link"] as const)("a %s", (sort) => {
  test.each([...files, ".git/hooks/pre-commit", ".git/skein/init.json", "skein.yml"])(
    "in the place of %s holds up neither init nor doctor, which name it",
    async (file) => {
      if (file.startsWith(".git/skein")) {
        await line.skein("init --yes --agents none");
      }
      plant(sort, file);

      const { code, err } = await line.skein(`init --yes --agents ${every}`);
      const { findings } = await examine(line);
      const taken = await line.skein("init --yes --remove");

      expect(code).toBeGreaterThan(1);
      expect(err).toMatch(/^SKN-(?:2001|2095|8091) /u);
      expect(err.split("\n")[0]).toContain(file);
      expect(err).toContain("  Next: ");
      const named = findings.filter(({ level }) => level !== "ok");
      expect(named.map(({ what }) => what).join("\n")).toContain(file);
      expect(taken.err).not.toContain("Internal error");
    },
  );

  test("in the place of a package.json or a person's settings of Codex holds up nobody", async () => {
    plant(sort, "package.json");
    plant(sort, ".claude/settings.local.json");
    plant(sort, ".git/home/.codex/config.toml");
    const env = { HOME: at(".git/home") };

    const { code, err } = await line.skein("init --yes --agents claude,codex", { env });
    const { code: doctor } = await line.skein("doctor --json", { env });

    expect([code, err]).toEqual([0, expect.any(String)]);
    expect(doctor).toBe(1);
  });
});

describe("init beside several broken files", () => {
  test("names each with its code and place in one run, and writes nothing", async () => {
    put(".mcp.json", "{\n  broken\n}\n");
    put(".codex/config.toml", 'model = "x\nother = [\n');
    put(".gemini/settings.json", "[]\n");
    put(".git/hooks/pre-push", "\u{0}");
    writeFileSync(at(".git/hooks/pre-push"), Buffer.from([0xff, 0xfe]));
    put("skein.yml", "leases:\n  minuts: 3\n");

    const { code, err } = await line.skein(`init --yes --agents ${every}`);
    const json = await line.skein(`init --yes --json --agents ${every}`);

    expect(code).toBe(3);
    expect(err).toMatch(/^SKN-2091 \.mcp\.json is no JSON: line 2, column 3\.$/mu);
    expect(err).toMatch(
      /^ {2}Also: SKN-2094 \.codex\/config\.toml is no TOML: line 1, column 11: /mu,
    );
    expect(err).toMatch(/^ {2}Also: SKN-2094 \.codex\/config\.toml: 3:1 /mu);
    expect(err).toMatch(/^ {2}Also: SKN-2091 \.gemini\/settings\.json, line 1, column 1: /mu);
    expect(err).toMatch(/^ {2}Also: SKN-2095 .*\/hooks\/pre-push is no script of text/mu);
    expect(err).toMatch(/^ {2}Also: SKN-2002 skein\.yml, line 2, column 3/mu);
    expect(json.err).toContain('"code":"SKN-2094"');
    expect(existsSync(at(".cursor"))).toBe(false);
    expect(existsSync(at(".git/hooks/pre-commit"))).toBe(false);
  });

  test("says of one alone what it said", async () => {
    put(".mcp.json", "{\n  broken\n}\n");

    const { err } = await line.skein(`init --yes --agents ${every}`);

    expect(err).not.toContain("Also:");
  });
});

describe("a removal that did not come to its end", () => {
  beforeEach(async () => {
    await line.skein("init --yes --agents claude");
    put(".mcp.json", readFileSync(at(".mcp.json"), "utf8").replace("{", "{ broken"));
  });

  test("is what doctor helps to end, and not to set Skein up again", async () => {
    const { code, err } = await line.skein("init --remove --yes");
    const { findings } = await examine(line);

    expect(code).toBe(3);
    expect(err).toContain("then run `skein init --remove` again");
    const left = findings.filter(({ level }) => level !== "ok");
    expect(left.map(({ id }) => id)).toContain("init-removal");
    expect(left.find(({ id }) => id === "agent-file")?.fix).toContain(
      "`skein init --remove --yes`",
    );
    const others = left.filter(({ id }) => id !== "init-removal");
    expect(others.map(({ fix }) => fix).join("\n")).not.toMatch(/skein init(?! --remove)/u);
  });

  test("is forgotten once it is done, and where Skein is set up after all", async () => {
    const broken = readFileSync(at(".mcp.json"), "utf8");
    const ids = async (): Promise<readonly string[]> =>
      (await examine(line)).findings.map(({ id }) => id);

    await line.skein("init --remove --yes");
    put(".mcp.json", broken.replace("{ broken", "{"));
    await line.skein("init --yes --agents claude");
    expect(await ids()).not.toContain("init-removal");

    put(".mcp.json", broken);
    await line.skein("init --remove --yes");
    put(".mcp.json", broken.replace("{ broken", "{"));
    expect(await ids()).toContain("init-removal");
    await line.skein("init --remove --yes");
    expect(await ids()).not.toContain("init-removal");
    expect(existsSync(at(".git/skein/init.json"))).toBe(false);
  });

  test("is none where it was only looked at, or nobody said yes", async () => {
    await line.skein("init --remove --dry-run");
    const { findings } = await examine(line);

    expect(findings.map(({ id }) => id)).not.toContain("init-removal");
  });
});

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { dotEnvNames } from "../src/settings/dotenv.ts";
import { overrideNames, variableOf } from "../src/settings.ts";
import { loadWorktreeSettings } from "../src/worktree-settings.ts";
import type { WorktreeSettings } from "../src/worktree-settings.ts";
import { aRepository, removeRepositories, testEnv } from "./adapters/git/repositories.ts";
import type { TestRepository } from "./adapters/git/repositories.ts";

afterAll(removeRepositories);

/** A repository with a `.env` that only its owner may write. */
function withDotEnv(text: string, files: Readonly<Record<string, string>> = {}): TestRepository {
  const repository = aRepository({ "README.md": "hello\n", ...files });
  writeFileSync(join(repository.root, ".env"), text, { mode: 0o600 });
  return repository;
}

function load(
  { root }: Pick<TestRepository, "root">,
  env: Readonly<Record<string, string>> = {},
): Promise<WorktreeSettings> {
  return loadWorktreeSettings({ root, env: { ...testEnv, ...env } });
}

const minutes = ({ settings }: WorktreeSettings): number => settings.leases.durationMs / 60_000;

describe("loadWorktreeSettings", () => {
  test("puts a variable before the .env, and that before the file", async () => {
    const repository = withDotEnv(
      "# mine\nSKEIN_LEASES_MINUTES=15\nexport SKEIN_INTEGRATION_METHOD='merge'\nOTHER=1\n",
      { "skein.yml": "leases: { minutes: 20, case_insensitive: true }\n" },
    );

    const loaded = await load(repository);

    expect(minutes(loaded)).toBe(15);
    expect(loaded.settings.integration.method).toBe("merge");
    expect(loaded.settings.leases.caseInsensitive).toBe(true);
    expect(loaded.origins.get("leases.minutes")).toBe("dotenv");
    expect(minutes(await load(repository, { SKEIN_LEASES_MINUTES: "10" }))).toBe(10);
    expect(minutes(await load(repository, { SKEIN_LEASES_MINUTES: "" }))).toBe(15);
  });

  test("reads nothing of a .env that git tracks, whatever the case of its name", async () => {
    const added = withDotEnv("SKEIN_LEASES_MINUTES=15\n");
    added.git("add", ".env");
    const committed = withDotEnv("SKEIN_LEASES_MINUTES=15\n");
    committed.git("add", ".env");
    committed.git("commit", "-q", "-m", "env");
    const shouted = withDotEnv("SKEIN_LEASES_MINUTES=15\n", { ".ENV": "SKEIN_LEASES_MINUTES=9\n" });

    for (const repository of [added, committed, shouted]) {
      const loaded = await load(repository);
      expect(minutes(loaded)).toBe(30);
      expect(loaded.dotEnv.state).toBe("tracked");
      expect(loaded.dotEnv.why).toContain("git rm --cached .env");
    }
  });

  test("reads the .env of its own worktree, and no other's", async () => {
    const repository = withDotEnv("SKEIN_LEASES_MINUTES=15\n");
    const other = join(repository.root, "..", "other");
    repository.git("worktree", "add", "-q", "-b", "other", other);

    expect(minutes(await load({ root: other }))).toBe(30);
    writeFileSync(join(other, ".env"), "SKEIN_LEASES_MINUTES=7\n", { mode: 0o600 });
    expect(minutes(await load({ root: other }))).toBe(7);
  });

  test("reads no link, no file that others may write, and none where git cannot tell", async () => {
    const linked = aRepository({ "README.md": "hello\n", "a.env": "SKEIN_LEASES_MINUTES=15\n" });
    symlinkSync("a.env", join(linked.root, ".env"));
    const open = withDotEnv("SKEIN_LEASES_MINUTES=15\n");
    chmodSync(join(open.root, ".env"), 0o666);
    const untold = withDotEnv("SKEIN_LEASES_MINUTES=15\n");
    writeFileSync(join(untold.root, ".git", "index"), "broken");

    for (const repository of [linked, open, untold]) {
      const loaded = await load(repository);
      expect(minutes(loaded)).toBe(30);
      expect(loaded.dotEnv.state).toBe("unusable");
    }
  });

  test("reads none where there is no git to ask", async () => {
    const repository = withDotEnv("SKEIN_LEASES_MINUTES=15\n");

    const loaded = await load(repository, { PATH: join(repository.root, "none") });

    expect(minutes(loaded)).toBe(30);
    expect(loaded.dotEnv).toMatchObject({ state: "unusable", why: expect.stringContaining("Git") });
  });

  test("takes a folder of that name, as of a Python environment, for none", async () => {
    const repository = aRepository({ "README.md": "hello\n" });
    mkdirSync(join(repository.root, ".env"));

    expect((await load(repository)).dotEnv.state).toBe("none");
  });

  test("lets it choose no ledger, no server, no token, no command and nothing that holds agents", async () => {
    const kept = overrideNames.filter((name) => !dotEnvNames.includes(name));
    const lines = [
      "SKEIN_DATABASE_URL=postgres://evil.example/x",
      "SKEIN_URL=https://evil.example",
      "SKEIN_TOKEN_FILE=/etc/passwd",
      "SKEIN_BUS_URL=cmd:touch /tmp/x",
      "SKEIN_AUDIT_KEY=cmd:touch /tmp/x",
      ...kept.map((name) => `${variableOf(name)}=1`),
    ];
    const repository = withDotEnv(`${lines.join("\n")}\n`);

    const { settings, dotEnv } = await load(repository);
    const plain = await load(aRepository({ "README.md": "hello\n" }));

    expect(kept).toEqual([
      "integration.checks",
      "audit.anchor",
      "audit.retention_days",
      "generated",
      "branches.protected",
      "budget_usd",
      "profile",
    ]);
    expect(settings).toEqual(plain.settings);
    expect(dotEnv.left.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1));
    expect(JSON.stringify(dotEnv.left)).not.toMatch(/evil|passwd|touch/u);
  });

  test("refuses a value that the file could not have, and names the line", async () => {
    for (const before of ["", "SKEIN_LEASES_MINUTES=5"]) {
      const repository = withDotEnv(`${before}\nSKEIN_LEASES_MINUTES=soon\n`);

      await expect(load(repository)).rejects.toMatchObject({
        code: "SKN-2005",
        message: expect.stringContaining("SKEIN_LEASES_MINUTES in .env, line 2"),
      });
    }
  });
});

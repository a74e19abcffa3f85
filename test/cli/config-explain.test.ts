import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { machineVariables } from "../../src/cli/config/variables.ts";
import { overrideNames, variableOf } from "../../src/settings.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { aSetUp, examine } from "./doctor-patient.ts";

afterAll(removeRepositories);

interface Document {
  readonly files: { readonly dotenv: { readonly state: string } };
  readonly settings: readonly { readonly name: string; readonly origin: string }[];
  readonly places: readonly { readonly name: string; readonly origin: string }[];
  readonly left_out: readonly { readonly name: string; readonly where: string }[];
}

function dotEnv({ repository }: CommandLine, text: string): void {
  writeFileSync(join(repository.root, ".env"), text, { mode: 0o600 });
}

const secrets = {
  SKEIN_DATABASE_URL: "postgres://u:s3cret@db.example/x?password=s3cret",
  SKEIN_TOKEN: "skein_s3cret",
  SKEIN_SESSION: "s3cret",
  SKEIN_STATE_KEY: "s3cret",
  SKEIN_AUDIT_KEY: "s3cret",
  SKEIN_BUS_URL: "redis://:s3cret@bus.example:6379",
};

describe("config explain", () => {
  test("tells each setting's value and where it comes from", async () => {
    const line = aCommandLine({ "skein.yml": "leases: { minutes: 20 }\nbudget_usd: 5\n" });
    dotEnv(line, "SKEIN_STORE_DURABILITY=normal\nSKEIN_URL=https://evil.example\n");

    const { out, code } = await line.skein("config explain --url https://server.example/p/x", {
      env: { SKEIN_LEASES_MINUTES: "10", SKEIN_BUDGET_USD: "9" },
    });

    expect(code).toBe(0);
    expect(out).toMatch(
      /leases\.minutes +10 +environment SKEIN_LEASES_MINUTES, over skein\.yml:1 \(20\)/u,
    );
    expect(out).toMatch(/store\.durability +normal +\.env:1/u);
    expect(out).toMatch(/budget_usd +5 +main:skein\.yml:2/u);
    expect(out).toMatch(/audit\.retention_days +90 +default/u);
    expect(out).toMatch(/server +https:\/\/server\.example\/p\/x +--url/u);
    expect(out).toMatch(/\.env:2 {2}SKEIN_URL: /u);
    expect(out).toMatch(/environment {2}SKEIN_BUDGET_USD: /u);
  });

  test("prints the same as JSON", async () => {
    const line = aCommandLine({ "skein.yml": "leases: { minutes: 20 }\n" });
    dotEnv(line, "SKEIN_LEASES_MINUTES=15\nSKEIN_GENERATED=**\n");

    const { out } = await line.skein("config explain --json");
    const printed: Document = JSON.parse(out);

    expect(printed.files.dotenv.state).toBe("read");
    expect(printed.settings.find(({ name }) => name === "leases.minutes")).toMatchObject({
      value: 15,
      origin: "dotenv",
      where: ".env:1",
      hides: [{ origin: "file", where: "skein.yml:1", value: 20 }],
    });
    expect(printed.left_out.map(({ name, where }) => [name, where])).toEqual([
      ["SKEIN_GENERATED", ".env:2"],
    ]);
    expect(printed.places.map(({ name, origin }) => [name, origin])).toEqual([
      ["ledger", "default"],
      ["project", "default"],
      ["server", "default"],
      ["token", "default"],
    ]);
  });

  test.each(["config explain", "config explain --json"])("shows no secret: %s", async (words) => {
    const { out, err, code } = await aCommandLine().skein(words, { env: secrets });

    expect(code).toBe(0);
    expect(out + err).not.toContain("s3cret");
    expect(out).toContain("db.example");
  });

  test("shows one setting or section, and guesses a mistyped one", async () => {
    const line = aCommandLine();

    const one = await line.skein("config explain leases");
    const wrong = await line.skein("config explain leases.minuts");

    expect(one.out.trimEnd().split("\n")).toHaveLength(3);
    expect(wrong.code).toBe(6);
    expect(wrong.err).toContain("Did you mean leases.minutes?");
  });

  test("completes the names of settings", async () => {
    const { out } = await aCommandLine().skein(["complete", "config", "explain", "leases."]);

    expect(out).toBe("leases.minutes\nleases.case_insensitive\n");
  });

  test("says that a tracked .env is not read, as the doctor does", async () => {
    const line = await aSetUp();
    dotEnv(line, "SKEIN_LEASES_MINUTES=15\n");
    line.repository.git("add", ".env");

    const { out } = await line.skein("config explain leases.minutes");
    const { findings } = await examine(line);

    expect(out).toContain(".env: not read. Git tracks it");
    expect(out).toMatch(/leases\.minutes +30 +default/u);
    expect(findings.find(({ id }) => id === "dotenv-tracked")?.level).toBe("warn");
  });

  test("has the doctor tell what of a .env counts and what does not", async () => {
    const line = await aSetUp();
    dotEnv(line, "SKEIN_LEASES_MINUTES=15\nSKEIN_TOKEN=s3cret\n");

    const { findings } = await examine(line);
    const told = findings.filter(({ id }) => id.startsWith("dotenv"));

    expect(told.map(({ id }) => id)).toEqual(["dotenv", "dotenv-left-out"]);
    expect(JSON.stringify(told)).not.toContain("s3cret");
  });

  test("lists every variable that the program reads", () => {
    const known = new Set([
      ...machineVariables.map(({ name }) => name),
      ...overrideNames.map(variableOf),
      ...ofChildren,
    ]);
    const read = sourceFiles().flatMap((text) => text.match(/\bSKEIN_[A-Z_]+\b/gu) ?? []);

    expect([...new Set(read)].filter((name) => !known.has(name))).toEqual([]);
  });
});

/** What Skein tells programs that it starts, what its own start-up and bundles use, and how a name may end. */
const ofChildren = [
  "SKEIN_CHECK",
  "SKEIN_REPOSITORY",
  "SKEIN_SIDE",
  "SKEIN_BUNDLED_VERSION",
  "SKEIN_GITHUB_TOKEN",
];

function sourceFiles(): readonly string[] {
  const root = join(import.meta.dirname, "../../src");
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.startsWith("settings/dotenv"))
    .map((path) => readFileSync(join(root, path), "utf8").replaceAll(/SKEIN_FINDING_\w+/gu, ""));
}

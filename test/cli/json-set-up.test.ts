import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setUpDocuments } from "../../scripts/cli-schema-set-up.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { faultsOf } from "../support/cli-documents.ts";
import { aCommandLine, ownFile, twoTasks } from "./command-line.ts";
import type { CommandLine, Outcome } from "./command-line.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-json-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeRepositories();
});

const settings = `providers:
  router: { kind: openai-compatible, base_url: "https://models.example/v1", api_key: "env:KEY" }
models:
  one: { provider: router, id: one, price: { input: 0, output: 0 } }
`;

async function withPlan(): Promise<CommandLine> {
  const line = aCommandLine({ "plan.yml": twoTasks, "skein.yml": settings });
  await line.skein("plan import plan.yml");
  return line;
}

/** The bot until it has said where it listens. */
async function runBot(): Promise<Outcome> {
  const key = join(folder, "key.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  writeFileSync(key, privateKey.export({ type: "pkcs1", format: "pem" }));
  chmodSync(key, 0o600);
  const stop = new AbortController();
  const words = [
    `bot --json --app-id 1 --private-key file:${key} --webhook-secret env:HOOK --port 0`,
    `--data ${join(folder, "data")} --github-url http://127.0.0.1:9`,
  ];
  return aCommandLine().skein(words.join(" "), {
    env: { HOOK: "a-secret-of-the-test-0123456789" },
    signal: stop.signal,
    onWrite: () => {
      stop.abort();
    },
  });
}

async function importInto(flags: string): Promise<Outcome> {
  await (await withPlan()).skein(`export ${join(folder, "moved.json")} --yes`);
  return aCommandLine().skein(`import ${join(folder, "moved.json")} --json${flags}`);
}

const runs: Readonly<Record<string, () => Promise<Outcome>>> = {
  init: async () => aCommandLine().skein("init --yes --agents claude --json"),
  "config explain": async () => (await withPlan()).skein("config explain --json"),
  "models trust": async () =>
    (await withPlan()).skein("models trust --json", {
      answers: ["y"],
      env: { XDG_CONFIG_HOME: folder, HOME: folder },
    }),
  completion: async () => aCommandLine().skein("completion bash --json"),
  export: async () => (await withPlan()).skein("export state.json --json"),
  "export -": async () => (await withPlan()).skein("export - --json"),
  import: async () => importInto(""),
  "import --dry-run": async () => importInto(" --dry-run"),
  bot: runBot,
};

/** They need processes of their own, or GitHub: the tests that start these hold them to their schemas, too. */
const elsewhere: Readonly<Record<string, string>> = {
  demo: "test/e2e/demo.test.ts",
  serve: "test/e2e/serve-process.test.ts",
  "github sync": "test/e2e/decomposition.test.ts",
};

describe("--json of a command that sets up, serves or moves", () => {
  for (const name of Object.keys({ ...setUpDocuments, ...runs, ...elsewhere })) {
    test(`\`${name}\` prints what the schema says`, async () => {
      const file = elsewhere[name];
      if (file !== undefined) {
        expect(ownFile(file).includes(`faultsOf("${name}"`)).toBe(true);
        return;
      }
      const ran = await runs[name]?.();

      expect([ran?.code, faultsOf(name, JSON.parse(ran?.out ?? ""))]).toEqual([0, []]);
    });
  }

  test("`init` says what it would do, and what it took back", async () => {
    const line = aCommandLine();

    const dry = await line.skein("init --dry-run --agents claude --json");
    await line.skein("init --yes --agents claude");
    const back = await line.skein("init --remove --yes --json");

    expect(JSON.parse(dry.out)).toMatchObject({ dry_run: true, removed: false, check: null });
    expect(JSON.parse(back.out)).toMatchObject({ dry_run: false, removed: true, check: null });
  });
});

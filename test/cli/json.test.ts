import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actDocuments } from "../../scripts/cli-schema-acts.ts";
import { setUpDocuments } from "../../scripts/cli-schema-set-up.ts";
import { cliJsonSchema, documents, speakOtherwise } from "../../scripts/cli-schema.ts";
import { catalog } from "../../src/cli/catalog.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { documentsOf, faultsOf, faultsOfOutput } from "../support/cli-documents.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import {
  aBranchToReview,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";
import { aCommandLine, ownFile, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

let line: CommandLine;
let server: ModelServer;
/** A project with models, and one review. */
let reviewed: CommandLine;

beforeAll(async () => {
  line = aCommandLine({
    "plan.yml": twoTasks,
    "issue.md": "- [ ] Rates by country\n- [ ] Gross prices in the cart\n",
  });
  await line.skein("plan import plan.yml");
  await line.skein("lease take src", { env: { CLAUDE_CODE_SESSION_ID: "ada" } });
  await line.skein("message send hello");
  server = await startModelServer({ reply: scriptedReviewer({ finds: true, invents: false }) });
  reviewed = aBranchToReview(settingsFor(server, server));
  await reviewed.skein("review --preset fast", { env: reviewEnv });
});

afterAll(async () => {
  await server.close();
  removeRepositories();
});

const calls: Readonly<Record<string, string>> = {
  error: "plan show nowhere",
  "plan list": "plan list",
  "plan show": "plan show demo",
  "plan import": "plan import plan.yml --dry-run",
  "plan draft": "plan draft --issue issue.md",
  "task list": "task list",
  "task show": "task show T1",
  "task why": "task why T2",
  "lease list": "lease list",
  "lease take": "lease take README.md",
  "lease check": "lease check README.md src/a.ts",
  "session list": "session list --all",
  "message send": "message send again",
  "message list": "message list",
  "review list": "review list",
  "review weights": "review weights",
  "review weights --dry-run": "review weights --dry-run",
  "rules explain": "rules explain",
  "github publish": "github publish --local",
  "token create": "token create --role viewer",
  "token list": "token list",
  "db status": "db status",
  "db migrate": "db migrate",
  "project list": "project list",
  "audit verify": "audit verify",
  "audit export": "audit export log.jsonl",
  "token revoke --dry-run": "token revoke t1 --dry-run",
  "token revoke": "token revoke t1 --yes",
  approve: "approve",
  events: "events",
  "events --follow": "events --follow --limit 1",
  "events --why": "events --why 1",
  "events --at": "events --at 1",
  status: "status",
  top: "top --count 1",
  verify: "verify",
  integrate: "integrate",
  kpi: "kpi --since 7d",
  metrics: "metrics --since 7d",
  maintain: "maintain",
  cost: "cost --by day --since 7d",
  "usage import": "usage import README.md",
  explain: "explain",
  "explain CODE": "explain SKN-1001",
  bench: "bench --seconds 1",
  doctor: "doctor",
};

const callsOfModels: Readonly<Record<string, string>> = {
  "review --estimate": "review --estimate",
  "review outcome": "review outcome R1 F1 resolved",
  "models check": "models check",
};

/** They need a database: without a server at hand they are told as skipped (see SKEIN_TEST_POSTGRES). */
const callsOfDatabase: Readonly<Record<string, string>> = {
  "project add": "project add acme/shop",
  "project remove": "project remove acme/shop --dry-run",
};

const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
const auditEnv = { SKEIN_AUDIT_KEY: pem.toString() };

async function printInDatabase(words: string): Promise<Readonly<Record<string, unknown>>> {
  const place = await createPostgresPlace(postgresUrl ?? "");
  const env = { SKEIN_DATABASE_URL: place.url };
  try {
    if (!words.startsWith("project add")) {
      await line.skein("project add acme/shop", { env });
    }
    return JSON.parse((await line.skein(`${words} --json`, { env })).out);
  } finally {
    await place.remove();
  }
}

async function print(name: string): Promise<Readonly<Record<string, unknown>>> {
  const inDatabase = callsOfDatabase[name];
  if (inDatabase !== undefined) {
    return printInDatabase(inDatabase);
  }
  if (name === "audit anchor") {
    const anchoring = aCommandLine({ "skein.yml": "audit: { anchor: git-tag }\n" });
    await anchoring.skein("message send hello");
    await anchoring.skein("lease take docs/");
    return JSON.parse((await anchoring.skein("audit anchor --json", { env: auditEnv })).out);
  }
  if (name === "plan approve") {
    const drafting = aCommandLine({
      "issue.md": "- [ ] One (files: a.md)\n- [ ] Two (files: b.md)\n",
    });
    const { hash } = await drafting.json("plan draft --issue issue.md");
    return drafting.json(`plan approve ${String(hash)}`);
  }
  const words = callsOfModels[name];
  if (words === undefined) {
    return line.json(calls[name] ?? "");
  }
  const { out } = await reviewed.skein(`${words} --json`, { env: reviewEnv });
  const printed: Readonly<Record<string, unknown>> = JSON.parse(out);
  return printed;
}

describe("--json", () => {
  const inOtherTests = new Set(Object.keys({ ...actDocuments, ...setUpDocuments }));
  for (const name of Object.keys(documents).filter((each) => !inOtherTests.has(each))) {
    const isAtHand = postgresUrl !== null || !(name in callsOfDatabase);
    test.skipIf(!isAtHand)(
      `\`${name}\` prints what the schema says`,
      async () => {
        const printed = await print(name);

        expect(faultsOf(name, printed)).toEqual([]);
      },
      60_000,
    );
  }

  test.each(catalog.filter(({ name }) => !speakOtherwise.includes(name)))(
    "`$name` has a schema, and one for its dry run",
    ({ name, options }) => {
      const names = documentsOf(name);
      const hasDryRun = options.some(({ flags }) => flags === "--dry-run");
      const saysDryRun = names.some((each) => "dry_run" in (documents[each]?.shape ?? {}));

      expect(names).toContain(name);
      expect(saysDryRun).toBe(hasDryRun);
    },
  );

  test.each([
    ["no command's document", '{"schema_version":1,"tasks":[],"more":1}'],
    ["a fault deep inside", '{"schema_version":1,"tasks":[{"id":"T1"}]}'],
    ["a second line that is none", '{"schema_version":1,"tasks":[]}\n{}'],
  ])("fails the test of a command that prints %s", (_, out) => {
    const argv = ["task", "list", "--json"];

    expect(faultsOfOutput(argv, '{"schema_version":1,"tasks":[]}\n')).toEqual([]);
    expect(faultsOfOutput(argv, out)).not.toEqual([]);
  });

  test("is published as schema/cli.schema.json: run `npm run schema` after a change", () => {
    expect(JSON.parse(ownFile("schema/cli.schema.json"))).toEqual(JSON.parse(cliJsonSchema()));
  });
});

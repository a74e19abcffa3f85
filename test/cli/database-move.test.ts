import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCaller, finish, next } from "../support/coordination.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

let place: PostgresPlace;
let env: Readonly<Record<string, string>>;

const ada = aCaller("ada");
const bob = aCaller("bob");

/** An export without the two lines that name its store: which project it is there, and when it was read. */
function stateIn(text: string): unknown {
  const { project: _, exported_at: __, ...state } = objectIn(text);
  return state;
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  const object: Readonly<Record<string, unknown>> = JSON.parse(text);
  return object;
}

async function json(words: string): Promise<Readonly<Record<string, unknown>>> {
  const { out, err } = await aCommandLine().skein(`${words} --json`, { env });
  return objectIn(out === "" ? err : out);
}

async function within<T>(
  line: CommandLine,
  world: Readonly<Record<string, string>>,
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  const project = await openProject({ cwd: line.repository.root, env: { ...testEnv, ...world } });
  try {
    return await work(project);
  } finally {
    await project.skein.close();
  }
}

/** A project in the middle of its work: a claim with its leases, a message, a finished task. */
async function lively(): Promise<{ readonly line: CommandLine; readonly fence: number }> {
  const line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
  const fence = await within(line, {}, async ({ skein }) => {
    const first = await skein.dispatch.nextTask(next(ada));
    await skein.dispatch.nextTask(next(bob));
    return first.claim?.fence ?? 0;
  });
  await line.skein(["message", "send", "all", "Mind the \u{1F9F6} and the \u202e."]);
  return { line, fence };
}

describe("a text that is no export", () => {
  test("is refused before a store is made, with what is missing", async () => {
    const line = aCommandLine();

    const bare = await line.skein("import -", { input: '{"schema_version":1,"events":[]}' });
    const cut = await line.skein("import -", { input: '{"schema_version":1,' });

    const newer = await line.skein("import - --dry-run", { input: '{"schema_version":99}' });
    const endless = JSON.stringify({ schema_version: "9".repeat(100_000) });
    const odd = await line.skein("import -", { input: endless });

    expect(newer.err).toMatch(/SKN-1823 .*format 99/u);
    expect(odd.err).toMatch(/SKN-1823 .*format "9{39};/u);
    expect(odd.err.length).toBeLessThan(1_000);
    expect(bare.err).toContain(
      "SKN-1822 - is not what `skein export` writes: it lacks sessions, plans, tasks, leases, messages, approvals, ledger, budgets, tables.",
    );
    expect(cut.err).toContain("SKN-1821");
    expect(bare.err).not.toContain("JSON");
    removeRepositories();
  });
});

describe.skipIf(postgresUrl === null)("a live project that moves", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
    env = { SKEIN_DATABASE_URL: place.url, SKEIN_PROJECT: "acme/shop" };
  });

  afterEach(async () => {
    await place.remove();
    removeRepositories();
  });

  test("is the same after SQLite, PostgreSQL and SQLite again, and its work goes on in each", async () => {
    const { line, fence } = await lively();
    const before = await line.skein("export -");

    const moved = await line.skein("import - --create", { env, input: before.out });
    const there = await line.skein("export -", { env });
    const home = aCommandLine();
    const returned = await home.skein("import -", { input: there.out });
    const back = await home.skein("export -");

    expect([before.code, moved.code, there.code, returned.code, back.code]).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(fence).toBeGreaterThan(0);
    expect(stateIn(there.out)).toEqual(stateIn(before.out));
    expect(stateIn(back.out)).toEqual(stateIn(before.out));
    expect((await line.skein("verify", { env })).code).toBe(0);
    expect((await home.skein("verify")).code).toBe(0);
    const done = await within(line, env, ({ skein }) =>
      skein.dispatch.finishTask(finish(ada, { task: "T1", fence })),
    );
    expect(done.task.status).toBe("done");
  });

  test("makes no project of a misspelt name", async () => {
    const { line } = await lively();
    const { out } = await line.skein("export -");
    await line.skein("project add acme/shop", { env });

    const typo = await line.skein("import - --project acme/shpo", { env, input: out });
    const listed = await line.skein("project list --json", { env });
    const there = await line.skein("import -", { env, input: out });

    expect([typo.code, typo.err]).toEqual([6, expect.stringContaining("SKN-5112")]);
    expect(JSON.parse(listed.out)).toMatchObject({ projects: ["acme/shop"] });
    expect(there.code, there.err).toBe(0);
  });

  test("leaves no project behind that it made for an export that it refuses, and one that was there", async () => {
    const { line } = await lively();
    const { out } = await line.skein("export -");
    const edited = out.replace('"title":"Prices"', '"title":"Prizes"').replace("T1", "T9");
    await line.skein("project add acme/tool", { env });

    const made = await line.skein("import - --create", { env, input: edited });
    const there = await line.skein("import - --create --project acme/tool", { env, input: edited });
    const listed = await line.skein("project list --json", { env });

    expect([made.err, there.err].map((err) => /SKN-182\d/u.test(err))).toEqual([true, true]);
    expect(JSON.parse(listed.out)).toMatchObject({ projects: ["acme/tool"] });
  });

  test.each([
    "plan import plan.yml --project acme/shpo",
    "lease take src/a.ts --project acme/shpo",
    "review --project acme/shpo",
    "plan draft Prices --project acme/shpo",
  ])("makes no project of a misspelt name, and tells which was meant: %s", async (words) => {
    const line = aCommandLine({ "plan.yml": twoTasks });
    await line.skein("project add acme/shop", { env });

    const typo = await line.skein(words, { env });
    const listed = await line.skein("project list --json", { env });

    expect(typo.code).toBe(6);
    expect(typo.err).toContain('SKN-5112 The database does not know the project "acme/shpo".');
    expect(typo.err).toContain('Did you mean "acme/shop"?');
    expect(JSON.parse(listed.out)).toMatchObject({ projects: ["acme/shop"] });
  });

  test("does not mix with what is there", async () => {
    const { line } = await lively();
    const { out } = await line.skein("export -");
    await line.skein("import - --create", { env, input: out });

    expect(await line.skein("import -", { env, input: out })).toMatchObject({ code: 5 });
  });
});

describe.skipIf(postgresUrl === null)("skein db and skein project", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
    env = { SKEIN_DATABASE_URL: place.url };
  });

  afterEach(async () => {
    await place.remove();
    removeRepositories();
  });

  test("tell what is left to do without doing it, then do it", async () => {
    const before = await json("db status");
    const migrated = await json("db migrate");
    const after = await json("db status");

    expect(before).toMatchObject({ kind: "postgres", schema: 0, projects: [] });
    expect(before["pending"]).toHaveLength(Number(before["known_schema"]));
    expect(migrated).toMatchObject({ from: 0, to: before["known_schema"] });
    expect(after).toMatchObject({ schema: before["known_schema"], pending: [], standby: false });
    expect(JSON.stringify(after)).not.toContain("search_path");
  });

  test("add, list and remove projects, each with its own rows alone", async () => {
    const line = aCommandLine({ "plan.yml": twoTasks });
    await json("project add acme/shop");
    await json("project add acme/tool");
    await line.skein("plan import plan.yml", { env: { ...env, SKEIN_PROJECT: "acme/shop" } });
    await line.skein("plan import plan.yml", { env: { ...env, SKEIN_PROJECT: "acme/tool" } });

    expect(await json("project list")).toMatchObject({ projects: ["acme/shop", "acme/tool"] });
    expect(await json("project add acme/shop")).toMatchObject({ added: false });
    const looked = await json("project remove acme/tool --dry-run");
    expect(Number(looked["rows"])).toBeGreaterThan(3);
    expect(await json("project remove acme/tool --yes")).toMatchObject({ rows: looked["rows"] });
    expect(await json("project list")).toMatchObject({ projects: ["acme/shop"] });
    const left = await line.skein("task list", { env: { ...env, SKEIN_PROJECT: "acme/shop" } });
    expect(left.out).toContain("T1");
    const { err } = await line.skein("project remove acme/tool --yes", { env });
    expect(err).toContain("SKN-5112");
  });

  test("know of no project in a database that Skein has not been in", async () => {
    const line = aCommandLine();

    expect(await json("project list")).toMatchObject({ projects: [] });
    const { err } = await line.skein("project remove acme/tool --yes", { env });
    expect(err).toContain("SKN-5112");
  });

  test("ask for a database where a file is one project", async () => {
    const { err } = await aCommandLine().skein("project add acme/shop");

    expect(err).toContain("SKN-1012");
  });
});

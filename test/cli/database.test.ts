import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { openProjectServer } from "../../src/compose-projects.ts";
import { createPostgresPool } from "../../src/core/store/index.ts";
import { databaseOf, storeDirOf } from "../../src/store-place.ts";
import { locateRepository } from "../../src/adapters/git/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

let place: PostgresPlace;
let line: CommandLine;
let env: Readonly<Record<string, string>>;

describe.skipIf(postgresUrl === null)("the command line on a database server", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
    line = aCommandLine({ "plan.yml": twoTasks });
    line.repository.git("remote", "add", "origin", "https://github.com/Acme/Shop.git");
    env = { TEAM_DATABASE: place.url };
  });

  afterEach(async () => {
    await place.remove();
  });

  afterAll(() => {
    removeRepositories();
  });

  test("sets a clone up by a reference, which is all that is written down, and works there afterwards", async () => {
    const made = await line.skein("init --yes --agents none --db env:TEAM_DATABASE --json", {
      env,
    });
    expect(made.err).toBe("");
    expect(JSON.parse(made.out)).toMatchObject({ project: "acme/shop", check: { ok: true } });

    const repository = locateRepository(line.repository.root);
    const dir = repository === null ? "" : storeDirOf(repository);
    expect(JSON.parse(readFileSync(join(dir, "store.json"), "utf8"))).toEqual({
      url: "env:TEAM_DATABASE",
      project: "acme/shop",
    });
    expect(existsSync(databaseOf(dir))).toBe(false);

    expect(await line.skein("plan import plan.yml", { env })).toMatchObject({ code: 0 });
    expect((await line.skein("status", { env })).out).toMatch(/2 |ready/u);
    expect(await line.skein("verify", { env })).toMatchObject({ code: 0 });
  });

  test("refuses a password in its arguments, and repeats it nowhere", async () => {
    const { code, out, err } = await line.skein(
      "status --db postgres://skein:hunter2secret@127.0.0.1/team",
    );

    expect(code).toBe(3);
    expect(err).toContain("SKN-2022");
    expect(out + err).not.toContain("hunter2secret");
  });

  test("says of a schema that a newer Skein made that it is refused here, and touches nothing", async () => {
    const db = "--db env:TEAM_DATABASE";
    await line.skein(`db migrate ${db}`, { env });
    const pool = await createPostgresPool({ url: place.url, maxConnections: 1 });
    const client = await pool.connect();
    await client.query({ text: "UPDATE store_schema SET version = version + 1" });
    client.release();
    await pool.end();

    const status = await line.skein(`db status ${db}`, { env });
    const migrate = await line.skein(`db migrate ${db}`, { env });

    expect([status.code, migrate.code]).toEqual([1, 8]);
    expect(status.out).toMatch(
      /Schema (\d+); this Skein knows up to \d+, refuses it \(SKN-7106\), and has to be updated\./u,
    );
    expect(migrate.err).toContain("SKN-7106");
  });

  test("takes the variable itself by its name, and says so where it is not set", async () => {
    const words = "project list --db env:SKEIN_DATABASE_URL";
    const named = await line.skein(words, { env: { SKEIN_DATABASE_URL: place.url } });
    const unset = await line.skein(words);

    expect([named.code, named.err]).toEqual([0, ""]);
    expect([unset.code, unset.err]).toEqual([4, expect.stringContaining("SKN-3971")]);
  });

  test("makes no project by a look at one", async () => {
    const { code, err } = await line.skein("status --db env:TEAM_DATABASE --project nobody/knows", {
      env,
    });

    expect(code).toBe(6);
    expect(err).toContain("SKN-5112");
  });

  test("says that a server is down, a user is not let in and a database is missing", async () => {
    const down = await line.skein("status --db postgres://nobody@127.0.0.1:1/none");
    const base = new URL(postgresUrl ?? "");
    base.pathname = "/skein_no_such_database";
    const missing = await line.skein(["status", "--db", "env:D"], { env: { D: base.href } });

    expect(down).toMatchObject({ code: 8 });
    expect(down.err).toContain("SKN-7116");
    expect(missing).toMatchObject({ code: 6 });
    expect(missing.err).toContain("SKN-5111");
  });

  test("tells of a ledger that a clone leaves behind, and how to bring it along", async () => {
    const words = "init --yes --agents none --db env:TEAM_DATABASE";
    await line.skein("plan import plan.yml");
    const { out } = await line.skein(words, { env });
    await line.skein("export state.json --db sqlite", { env });
    const brought = await line.skein("import state.json", { env });
    const plans = await line.skein("plan list", { env });

    expect(out).toMatch(/skein\.db stays as it is and is asked no more/u);
    expect([brought.code, brought.err]).toEqual([0, ""]);
    expect(plans.out).toContain("demo");
  });

  test("says of an address of another kind that it is none, and repeats it nowhere", async () => {
    const { code, out, err } = await line.skein("status --db postgers://ada:hunter2@127.0.0.1/x");

    expect([code, err]).toEqual([3, expect.stringContaining("SKN-2021")]);
    expect(out + err).not.toContain("hunter2");
  });

  test("lets go of its connections when it cannot listen", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, "127.0.0.1", resolve);
    });
    const address = taken.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const own = new URL(place.url);
    own.searchParams.set("application_name", `taken-${String(port)}`);
    const { code, err } = await line.skein(
      `serve --port ${String(port)} --db env:OWN --project shop`,
      { env: { OWN: own.href } },
    );
    taken.close();

    expect([code, err]).toEqual([2, expect.stringContaining("SKN-1932")]);
    const client = await place.pool.connect();
    const text = `SELECT pid FROM pg_stat_activity WHERE application_name = 'taken-${String(port)}'`;
    // The server takes a moment to see that a connection was closed; an idle one would stay for 10 seconds.
    await expect
      .poll(async () => (await client.query({ text })).rows, { timeout: 5_000 })
      .toEqual([]);
    client.release();
  });

  test("opens many projects over one pool for a server", async () => {
    await line.skein("init --yes --agents none --db env:TEAM_DATABASE", { env });
    await line.skein("init --yes --agents none --db env:TEAM_DATABASE --project acme/tool", {
      env,
    });
    const server = await openProjectServer({
      cwd: line.repository.root,
      env: { ...env, SKEIN_STATE_DIR: join(line.repository.root, "state") },
    });
    try {
      expect(await server.projects()).toEqual(["acme/shop", "acme/tool"]);
      const [shop, again] = await Promise.all([server.open("acme/shop"), server.open("acme/shop")]);
      expect(shop).toBe(again);
      await expect(server.open("acme/none")).rejects.toMatchObject({ code: "SKN-5112" });
      expect(server.shown).not.toContain("options");
    } finally {
      await server.close();
    }
  });

  test("serves the project alone that is named for a server, and tells others from none", async () => {
    await line.skein("project add acme/shop --db env:TEAM_DATABASE", { env });
    await line.skein("project add acme/tool --db env:TEAM_DATABASE", { env });
    const stateDir = join(line.repository.root, "state");
    const server = await openProjectServer({
      cwd: line.repository.root,
      env: {
        SKEIN_DATABASE_URL: place.url,
        SKEIN_PROJECT: "acme/tool",
        SKEIN_STATE_DIR: stateDir,
      },
    });
    try {
      expect(await server.projects()).toEqual(["acme/tool"]);
      expect((await server.open("acme/tool")).name).toBe("acme/tool");
      for (const project of ["acme/shop", "acme/none"]) {
        await expect(server.open(project)).rejects.toMatchObject({
          code: "SKN-5112",
          message: `This server has no project "${project}".`,
        });
      }
    } finally {
      await server.close();
    }
  });
});

test("a server over a repository's own file refuses a project that it does not have", async () => {
  const own = aCommandLine();
  await own.skein("init --yes --agents none");

  const { code, err } = await own.skein("serve --port 0 --project acme/shop");

  expect([code, err]).toEqual([6, expect.stringContaining("SKN-5112")]);
  expect(err).toContain('The repository\'s own file is one project, and has no "acme/shop".');
});

test("a server over a repository's own file has one project", async () => {
  const own = aCommandLine();
  await own.skein("init --yes --agents none");
  const server = await openProjectServer({ cwd: own.repository.root, env: {} });

  expect(await server.projects()).toEqual(["local"]);
  expect((await server.open("local")).repository?.root).toBe(own.repository.root);

  await server.close();
});

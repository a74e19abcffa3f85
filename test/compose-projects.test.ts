import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openProjectServer, stateDirOf } from "../src/compose-projects.ts";
import { migrations } from "../src/core/index.ts";
import { createPostgresProjects } from "../src/core/store/index.ts";
import { aCaller } from "./support/coordination.ts";
import { createPostgresPlace, postgresUrl } from "./support/postgres.ts";
import { makeTemporaryDirectory } from "./support/stores.ts";

describe("stateDirOf", () => {
  test.each([
    [{ HOME: "/home/ada" }, "/home/ada/.local/state/skein"],
    [{ HOME: "/home/ada", XDG_STATE_HOME: "/state" }, "/state/skein"],
    [
      { HOME: "/home/ada", XDG_STATE_HOME: "", SKEIN_STATE_DIR: "" },
      "/home/ada/.local/state/skein",
    ],
    [{ HOME: "/home/ada", SKEIN_STATE_DIR: "/var/lib/skein" }, "/var/lib/skein"],
  ])("of %j is %s", (env, dir) => {
    expect(stateDirOf(env)).toBe(dir);
  });
});

describe.skipIf(postgresUrl === null)("a server over a database", () => {
  const folder = makeTemporaryDirectory();

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("tells nothing of a repository's paths from what lies in its own folder of state", async () => {
    const place = await createPostgresPlace(postgresUrl ?? "");
    const known = createPostgresProjects(place.pool, migrations);
    await known.add("acme/shop");
    mkdirSync(join(folder, "state", "acme%2Fshop", "archive"), { recursive: true });
    const env = { SKEIN_DATABASE_URL: place.url, SKEIN_STATE_DIR: join(folder, "state") };
    const server = await openProjectServer({ cwd: folder, env });

    const { skein } = await server.open("acme/shop");
    const { leases } = await skein.dispatch.claimFiles({
      caller: aCaller("ada"),
      paths: ["archive"],
      mode: "exclusive",
      durationMs: null,
      reason: "to edit it",
      waitMs: 0,
      origin: "files",
      key: null,
      signal: null,
    });
    await server.close();
    await place.remove();

    // In the repository, which is elsewhere, it is a file as far as anybody knows.
    expect(leases[0]?.patterns).toMatchObject([{ kind: "literal", text: "archive" }]);
  });
});

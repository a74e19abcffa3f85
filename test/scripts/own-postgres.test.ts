import { Client } from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { setup, teardown } from "../../scripts/own-postgres.ts";
import { postgresUrl } from "../support/postgres.ts";

const given = process.env["SKEIN_TEST_POSTGRES"];

afterEach(() => {
  if (given === undefined) {
    delete process.env["SKEIN_TEST_POSTGRES"];
  } else {
    process.env["SKEIN_TEST_POSTGRES"] = given;
  }
});

async function ask(text: string): Promise<number | null> {
  const client = new Client({ connectionString: postgresUrl ?? "" });
  await client.connect();
  try {
    return (await client.query(text)).rowCount;
  } finally {
    await client.end();
  }
}

describe.skipIf(postgresUrl === null)("a run of the tests", () => {
  test("has a database of its own also where one with its number was killed and left one", async () => {
    const left = `skein_test_${String(process.pid)}`;
    await ask(`CREATE DATABASE ${left}`);
    process.env["SKEIN_TEST_POSTGRES"] = postgresUrl ?? "";
    try {
      await setup();
      const own = new URL(process.env["SKEIN_TEST_POSTGRES"]).pathname.slice(1);
      const search = `SELECT 1 FROM pg_database WHERE datname = '${own}'`;

      expect(own).toMatch(new RegExp(`^${left}_\\w+$`, "u"));
      expect(await ask(search)).toBe(1);
      // The setups of the other projects of the run keep to it.
      await setup();
      expect(process.env["SKEIN_TEST_POSTGRES"]).toContain(own);

      await teardown();
      expect(await ask(search)).toBe(0);
    } finally {
      await ask(`DROP DATABASE ${left}`);
    }
  });
});

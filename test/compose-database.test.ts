import { describe, expect, test } from "vitest";
import { closeDatabase, resolveDatabase } from "../src/compose-database.ts";
import type { Database } from "../src/compose-database.ts";

describe("resolveDatabase", () => {
  test.each([
    [{ SKEIN_DATABASE_URL: "file:/nowhere" }, "with `--db` or in SKEIN_DATABASE_URL."],
    [{ SKEIN_DATABASE_URL_FILE: "/nowhere" }, "in SKEIN_DATABASE_URL_FILE."],
    [{}, "with `skein init --db REFERENCE` in this clone."],
  ])("says where a reference that leads nowhere was named: %j", async (env, place) => {
    await expect(resolveDatabase({ reference: "file:/nowhere", env })).rejects.toMatchObject({
      code: "SKN-3972",
      fix: expect.stringContaining(`or name another one ${place}`),
    });
  });

  test("names the forms of an address and of a reference for what is neither, and does not repeat it", async () => {
    const refused = resolveDatabase({ reference: "a-secret", env: {} });

    await expect(refused).rejects.toMatchObject({
      code: "SKN-2971",
      fix: expect.stringMatching(/postgres:\/\/user@host.+env:NAME.+`sqlite`/u),
    });
    await expect(refused).rejects.not.toThrow("a-secret");
  });
});

describe("closeDatabase", () => {
  test("lets go of the connections though the bus cannot be closed, and tells why it cannot", async () => {
    const seen: string[] = [];
    const pool: Pick<Database["pool"], "end"> = {
      end: async () => {
        seen.push("pool");
        return Promise.resolve();
      },
    };
    const bus: Pick<Database["bus"], "close"> = {
      close: async () => Promise.reject(new Error("the bus is stuck")),
    };

    await expect(closeDatabase({ bus, pool })).rejects.toThrow("the bus is stuck");

    expect(seen).toEqual(["pool"]);
  });
});

import { describe, expect, test } from "vitest";
import { closeDatabase } from "../src/compose-database.ts";
import type { Database } from "../src/compose-database.ts";

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

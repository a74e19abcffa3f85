import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { usualLimits } from "../../src/http/lanes.ts";
import { connectTo, createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

beforeEach(async () => {
  // So far behind that whatever reads is turned away.
  const lagMs = { take: 60_000, read: -1, wait: 60_000 };
  stand = await createHttpStand({ limits: { ...usualLimits, lagMs } });
});

afterEach(async () => {
  await stand.close();
});

describe("a server that turns reads away", () => {
  test.each(["legacy", { pin: "2026-07-28" }] as const)(
    "still takes in a client that comes (%j), since hosts try that once",
    async (mode) => {
      const client = await connectTo(`${stand.url}/mcp`, { versionNegotiation: { mode } });

      const { tools } = await client.listTools();
      const reading = client.readResource({ uri: "skein://board" });
      await expect(reading).rejects.toMatchObject({ status: 429 });
      await client.close();

      expect(tools.map(({ name }) => name)).toContain("next_task");
    },
  );
});

import { Agent, get } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

afterEach(async () => {
  await stand.close();
});

const secret = "0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk";

async function statusOf(query: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    get(`${stand.url}/api/v1/events?${query}`, { agent }, (answer) => {
      answer.resume();
      answer.once("end", () => {
        resolve(answer.statusCode ?? 0);
      });
    }).once("error", reject);
  });
}

describe("an address", () => {
  test("with a token of any project is refused", async () => {
    stand = await createHttpStand();
    const agent = new Agent();

    expect(await statusOf(`at=skein_acme~2fshop_t12_${secret}`, agent)).toBe(400);
    expect(await statusOf(`at=skein_t1_t2_t12_${secret}`, agent)).toBe(400);
    expect(await statusOf("at=skein_shop_t12_short", agent)).toBe(401);
  });

  test.each(["_t1_", "_t1", `_t1_${secret}`])(
    "that is very long and looks like one in each of its places (%s) holds nobody up",
    async (part) => {
      stand = await createHttpStand();
      const agent = new Agent({ keepAlive: true });
      const query = `at=skein_${part.repeat(Math.floor(15_000 / part.length))}~`;
      await statusOf("at=1", agent);
      const startMs = process.cpuUsage().user;

      for (let at = 0; at < 10; at += 1) {
        expect(await statusOf(query, agent)).toBe(401);
      }

      // Each took a fifth of a second of the processor.
      expect((process.cpuUsage().user - startMs) / 1_000).toBeLessThan(500);
      agent.destroy();
    },
  );
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand({
    auth: {
      tokens: true,
      oidc: null,
      publicUrl: null,
      allowedHosts: [],
      allowedOrigins: [],
      quotas: { perMinute: 1, burst: 5 },
    },
  });
});

afterAll(async () => {
  await stand.close();
});

async function aToken(name: string): Promise<string> {
  const { skein } = stand.repository.project;
  const { text } = await skein.store.write((tx) =>
    skein.access.tokens.create(tx, { role: "viewer", by: "person:eve", name }),
  );
  return text;
}

async function look(token: string): Promise<HttpAnswer> {
  return stand.call("look", { at: "board" }, { authorization: `Bearer ${token}` });
}

/** T23: whoever asks too much is told when to come back, and takes nothing from others. */
test("each principal has its own share, and the machine's user no limit", async () => {
  const [one, other] = [await aToken("one"), await aToken("other")];
  const answers: HttpAnswer[] = [];
  for (let number = 0; number < 8; number += 1) {
    answers.push(await look(one));
  }
  const fair = await look(other);
  const own = await Promise.all(Array.from({ length: 30 }, async () => look(stand.token)));
  const last = answers.at(-1);

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  expect(last?.body["error"]).toMatchObject({ code: "SKN-7933" });
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(fair.status).toBe(200);
  expect(new Set(own.map(({ status }) => status))).toEqual(new Set([200]));
});

test("asking with wrong tokens takes nothing from anybody's share", async () => {
  const token = await aToken("third");
  const wrong = token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");
  for (let number = 0; number < 20; number += 1) {
    expect((await look(wrong)).status).toBe(401);
  }

  expect((await look(token)).status).toBe(200);
});

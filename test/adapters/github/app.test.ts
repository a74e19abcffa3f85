import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createApp } from "../../../src/adapters/github/index.ts";
import type { App } from "../../../src/adapters/github/index.ts";
import { wallClock } from "../../../src/adapters/process/clock.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import { scriptedHost } from "./scripted-host.ts";
import type { Came, Said } from "./scripted-host.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

function openApp(baseUrl: string, key = privateKey): App {
  return createApp({
    appId: 4_711,
    privateKey: key,
    baseUrl,
    userAgent: "skein/test",
    timer: systemTimer,
    clock: wallClock,
    limits: { secondMs: 1, spacingMs: 0 },
  });
}

const asked = { contents: "read", checks: "write" } as const;

function minting(odd: object = {}): (came: Came) => Said {
  return ({ method, path }) => {
    if (path.endsWith("/installation")) {
      return { json: { id: 88 } };
    }
    if (method === "DELETE") {
      return { status: 204 };
    }
    return {
      status: 201,
      json: {
        token: "ghs_once",
        expires_at: "2026-01-02T04:04:05Z",
        permissions: { ...asked, metadata: "read" },
        repositories: [{ full_name: "Loom/Shed" }],
        ...odd,
      },
    };
  };
}

describe("tokenFor", () => {
  test("asks for one repository and these permissions, signed as the App", async () => {
    const host = await scriptedHost(minting());

    const minted = await openApp(host.url).tokenFor("loom/shed", asked);

    expect(minted.token).toBe("ghs_once");
    expect(host.calls()).toEqual([
      "GET /repos/loom/shed/installation",
      "POST /app/installations/88/access_tokens",
    ]);
    expect(host.came[1]?.body).toEqual({ repositories: ["shed"], permissions: asked });
    expect(host.came[1]?.headers.authorization).toMatch(/^bearer [\w-]+\.[\w-]+\.[\w-]+$/u);
  });

  test.each([
    [
      "a second repository",
      { repositories: [{ full_name: "loom/shed" }, { full_name: "loom/vault" }] },
    ],
    ["another repository", { repositories: [{ full_name: "loom/vault" }] }],
    ["a permission more", { permissions: { ...asked, administration: "read" } }],
    ["a higher level", { permissions: { contents: "write" } }],
    ["whatever its owner has, which it does not list", { repositories: undefined }],
    ["what it does not say", { permissions: undefined }],
    ["more than an hour", { expires_at: new Date(Date.now() + 7_200_000).toISOString() }],
    ["as long as it does not say", { expires_at: undefined }],
  ])("gives back a token that is good for %s", async (_, odd) => {
    const host = await scriptedHost(minting(odd));

    await expect(openApp(host.url).tokenFor("loom/shed", asked)).rejects.toMatchObject({
      code: "SKN-3651",
    });
    expect(host.calls().at(-1)).toBe("DELETE /installation/token");
  });

  test("tells a key that is none, and not what it was", async () => {
    const host = await scriptedHost(minting());

    const error: unknown = await openApp(host.url, "-----BEGIN secret-of-the-test")
      .tokenFor("loom/shed", asked)
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: "SKN-3651" });
    expect(JSON.stringify(error) + String(Object(error).stack)).not.toContain("secret-of-the-test");
    expect(host.came).toEqual([]);
  });
});

test("an open repository ends its token when it is closed, also when the host is gone by then", async () => {
  let isGone = false;
  const host = await scriptedHost((came) => (isGone ? { status: 503 } : minting()(came)));
  const first = await openApp(host.url).open("loom/shed", asked);
  const second = await openApp(host.url).open("loom/shed", asked);

  await first.close();
  isGone = true;
  await second.close();

  const end = host.came.find(({ method }) => method === "DELETE");
  expect(end?.headers.authorization).toBe("token ghs_once");
});

function row(id: number, delivered_at: string): object {
  return {
    id,
    guid: `g${String(id)}`,
    delivered_at,
    redelivery: false,
    status_code: id === 3 ? 0 : 202,
    event: "push",
  };
}

test("deliveries are listed back to a time and no further", async () => {
  const host = await scriptedHost(({ path }) => {
    const page = path.includes("cursor=b") ? 2 : 1;
    return {
      headers: { link: `<${host.url}/app/hook/deliveries?cursor=b>; rel="next"` },
      json:
        page === 1
          ? [row(4, "2026-01-02T03:00:00Z"), row(3, "2026-01-02T02:00:00Z")]
          : [row(2, "2026-01-01T00:00:00Z"), row(1, "2025-12-30T00:00:00Z")],
    };
  });

  const attempts = await openApp(host.url).deliveriesSince(Date.parse("2026-01-01T12:00:00Z"));

  expect(attempts.map(({ guid, statusCode }) => [guid, statusCode])).toEqual([
    ["g4", 202],
    ["g3", 0],
  ]);
  expect(host.came).toHaveLength(2);
});

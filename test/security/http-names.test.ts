import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;
let port: string;

beforeAll(async () => {
  stand = await createHttpStand({
    origins: ["https://board.example.com"],
    auth: {
      tokens: true,
      oidc: null,
      publicUrl: null,
      allowedHosts: ["skein.example.com", "proxy.example.com:8443"],
      allowedOrigins: ["https://board.example.com"],
      quotas: { perMinute: 100_000, burst: 10_000 },
    },
  });
  port = new URL(stand.url).port;
});

afterAll(async () => {
  await stand.close();
});

/** Sends headers as they stand, which no client library would, and tells the status. */
async function statusOf(lines: readonly string[]): Promise<number> {
  const body = '{"at":"board"}';
  const head = [
    "POST /api/v1/tools/look HTTP/1.1",
    ...lines.map((line) => line.replaceAll("PORT", port)),
    `Authorization: Bearer ${stand.token}`,
    "Content-Type: application/json",
    `Content-Length: ${String(body.length)}`,
    "Connection: close",
  ];
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    });
    socket.on("data", (part) => {
      text += part.toString();
    });
    socket.on("close", () => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/u.exec(text)?.[1] ?? 0));
    });
    socket.on("error", reject);
  });
}

const own = "Host: 127.0.0.1:PORT";

const goodLines: readonly (readonly string[])[] = [
  [own],
  ["Host: localhost:PORT"],
  ["Host: LOCALHOST:PORT"],
  ["Host: localhost"],
  ["Host: [::1]:PORT"],
  [own, "Origin: http://127.0.0.1:PORT"],
  ["Host: localhost:PORT", "Origin: http://localhost:PORT"],
  [own, "Origin: https://board.example.com"],
];

const badLines: readonly (readonly string[])[] = [
  ["Host: evil.example"],
  ["Host: evil.example:PORT"],
  ["Host: 127.0.0.1.evil.example:PORT"],
  ["Host: localhost.evil.example:PORT"],
  ["Host: evil.example.localhost:PORT"],
  ["Host: localhost.:PORT"],
  ["Host: 127.0.0.2:PORT"],
  ["Host: 0.0.0.0:PORT"],
  ["Host: 2130706433:PORT"],
  ["Host: 0x7f.0.0.1:PORT"],
  ["Host: 127.1:PORT"],
  ["Host: [::ffff:127.0.0.1]:PORT"],
  ["Host: [::]:PORT"],
  ["Host: user@localhost:PORT"],
  ["Host: localhost:PORT@evil.example"],
  ["Host: localhost:PORT, evil.example"],
  ["Host: localhost/evil"],
  ["Host: localhost#x"],
  ["Host: "],
  ["Host: :PORT"],
  ["Host: localhost:notaport"],
  ["Host: localhost:123456789"],
  [own, "Host: evil.example"],
  ["Host: evil.example", own],
  [],
  ["X-Forwarded-Host: 127.0.0.1", "Host: evil.example"],
  ["Forwarded: host=localhost", "Host: evil.example"],
  ["Host: sub.skein.example.com"],
  ["Host: proxy.example.com"],
  ["Host: proxy.example.com:8444"],
  [own, "Origin: https://evil.example"],
  [own, "Origin: null"],
  [own, "Origin: "],
  [own, "Origin: http://localhost:PORT"],
  [own, "Origin: http://127.0.0.1:1"],
  [own, "Origin: http://board.example.com"],
  [own, "Origin: https://board.example.com:444"],
  [own, "Origin: https://board.example.com.evil.example"],
  [own, "Origin: https://board.example.com", "Origin: https://evil.example"],
  [own, "Origin: file://"],
  [own, "Origin: 127.0.0.1:PORT"],
];

/** T15: a page that had its name pointed at this machine, or any other page, gets nothing even with the token. */
describe("Host and Origin", () => {
  test.each(goodLines)("answers %s %s", async (...lines) => {
    expect(await statusOf(lines)).toBe(200);
  });

  test.each(badLines)("refuses %s %s", async (...lines) => {
    expect([400, 403]).toContain(await statusOf(lines));
  });

  test("covers 40 cases and more", () => {
    expect(goodLines.length + badLines.length).toBeGreaterThanOrEqual(48);
  });

  test("lets the machine's own secret count under the machine's own names alone", async () => {
    const named = await statusOf(["Host: skein.example.com"]);
    const proxied = await statusOf(["Host: proxy.example.com:8443"]);

    expect([named, proxied]).toEqual([401, 401]);
  });

  test("tells a browser of a listed page that it may read, and no other", async () => {
    const listed = await stand.ask("api/v1/tools/look", {
      method: "OPTIONS",
      headers: { origin: "https://board.example.com" },
    });
    const foreign = await stand.ask("api/v1/tools/look", {
      method: "OPTIONS",
      headers: { origin: "https://evil.example" },
    });

    expect(listed.status).toBe(204);
    expect(listed.headers.get("access-control-allow-origin")).toBe("https://board.example.com");
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get("access-control-allow-origin")).toBe(null);
  });
});

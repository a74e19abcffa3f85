import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { readJson } from "../../../src/adapters/identity/read-json.ts";

let close: () => void = () => undefined;

afterEach(() => {
  close();
});

async function serving(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const address = server.address();
  return new URL(`http://127.0.0.1:${String(typeof address === "object" ? address?.port : 0)}/`);
}

test("reads a document", async () => {
  const url = await serving((_, response) => response.end('{"a":1}'));

  expect(await readJson(url)).toEqual({ a: 1 });
});

test("follows no redirect", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serving((request, response) => {
    asked.push(request.url);
    response.writeHead(302, { location: "/other" }).end();
  });

  await expect(readJson(url)).rejects.toThrow();
  expect(asked).toEqual(["/"]);
});

test("refuses what is endless, what is no JSON, and what is no success", async () => {
  const endless = await serving((_, response) => {
    response.write("[");
    const timer = setInterval(() => response.write("0,".repeat(100_000)), 1);
    response.on("close", () => {
      clearInterval(timer);
    });
  });
  await expect(readJson(endless)).rejects.toThrow("too large");
  close();

  const page = await serving((_, response) => response.end("<html>"));
  await expect(readJson(page)).rejects.toThrow();
  close();

  const failing = await serving((_, response) => response.writeHead(500).end("{}"));
  await expect(readJson(failing)).rejects.toThrow("500");
});

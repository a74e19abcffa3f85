import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { announce } from "../../../src/adapters/server/announcement.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-announcement-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

const facts = {
  url: "http://127.0.0.1:7433",
  tokenFile: "/srv/token",
  version: "1.0.0",
  store: "/srv/skein.db",
};

describe("announce", () => {
  test("takes its own away", () => {
    const file = join(dir, "serve.json");

    announce(file, facts)();

    expect(existsSync(file)).toBe(false);
  });

  test("leaves that of a server that has taken over the same address", () => {
    const file = join(dir, "serve.json");
    const takeAway = announce(file, facts);
    const next = readFileSync(file, "utf8").replace(/"pid":\d+/u, '"pid":424242');
    writeFileSync(file, next);

    takeAway();

    expect(readFileSync(file, "utf8")).toBe(next);
  });
});

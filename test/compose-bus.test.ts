import { once } from "node:events";
import { writeFileSync, chmodSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openBus } from "../src/compose-bus.ts";
import type { BusRequest } from "../src/compose-bus.ts";
import { makeTemporaryDirectory } from "./support/stores.ts";

/** Nothing connects before somebody watches or rings. */
const pool: BusRequest["pool"] = {
  connect: async () => Promise.reject(new Error("nobody connects")),
  end: async () => Promise.resolve(),
};

const databaseUrl = "postgres://skein:secret@db.example/skein";

const kindOf = async (
  settings: Partial<BusRequest["settings"]>,
  env: BusRequest["env"] = {},
): Promise<string> => {
  const bus = await openBus({
    settings: { kind: null, url: null, ...settings },
    env,
    pool,
    databaseUrl,
  });
  const { kind } = bus.health();
  await bus.close();
  return kind;
};

describe("openBus", () => {
  let directory = "";
  beforeEach(() => {
    directory = makeTemporaryDirectory();
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("is that of the database where nothing else is said", async () => {
    await expect(kindOf({})).resolves.toBe("postgres");
  });

  test.each([
    [{ SKEIN_BUS_URL: "redis://127.0.0.1:6379" }, {}],
    [{ SKEIN_BUS_URL: "rediss://cache.example" }, { kind: "redis" as const }],
    [{ BELL: "redis://127.0.0.1", SKEIN_BUS_URL: "postgres://db.example" }, { url: "env:BELL" }],
  ])("is Redis where %j names one", async (env, settings) => {
    await expect(kindOf(settings, env)).resolves.toBe("redis");
  });

  test("is the server behind a pooler where its address is given", async () => {
    await expect(kindOf({}, { SKEIN_BUS_URL: "postgres://db.example/skein" })).resolves.toBe(
      "postgres",
    );
  });

  test("listens at the address that is given, and not at the database's", async () => {
    const hear = vi.fn();
    const server = createServer((socket) => {
      hear();
      socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const env = { SKEIN_BUS_URL: `postgres://u@127.0.0.1:${port}/skein` };
    const bus = await openBus({ settings: { kind: null, url: null }, env, pool, databaseUrl });

    bus.doorbell({ project: "shop", mark: async () => 0 }).watch(() => undefined);

    await vi.waitFor(() => expect(hear).toHaveBeenCalled(), { timeout: 20_000 });
    await bus.close();
    server.close();
  });

  test("asks a program that is itself given an address", async () => {
    const program = `cmd:"${process.execPath}" -p "'redis://127.0.0.1'" vault://bus/url`;

    await expect(kindOf({}, { SKEIN_BUS_URL: program })).resolves.toBe("redis");
  });

  test("looks its address up where the variable says that it is", async () => {
    const file = join(directory, "bus");
    writeFileSync(file, "redis://127.0.0.1:6379\n");
    chmodSync(file, 0o600);

    await expect(kindOf({}, { SKEIN_BUS_URL: `file:${file}` })).resolves.toBe("redis");
    await expect(kindOf({}, { SKEIN_BUS_URL_FILE: file })).resolves.toBe("redis");
  });

  test.each([
    [{ kind: "redis" as const }, {}],
    [{ kind: "redis" as const }, { SKEIN_BUS_URL: "postgres://db.example" }],
    [{ kind: "postgres" as const }, { SKEIN_BUS_URL: "redis://user:secret@host" }],
    [{}, { SKEIN_BUS_URL: "https://user:secret@host" }],
  ])("refuses %j with %j and repeats no address", async (settings, env) => {
    const failure = await kindOf(settings, env).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "SKN-2182" });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("secret");
  });

  test("tells a variable that is named and not set", async () => {
    await expect(kindOf({ url: "env:NO_BELL" })).rejects.toMatchObject({ code: "SKN-3971" });
  });
});

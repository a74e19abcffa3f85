import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Silence } from "../../../src/adapters/server/silence.ts";
import { createProcessProbe } from "../../../src/adapters/process/probe.ts";
import { wayToServer } from "../../../src/mcp/forward/server-way.ts";
import type { Way } from "../../../src/mcp/forward/way.ts";

/** How late the server answers anything, also whether it lives, in milliseconds. */
let lateMs: number;
let folder: string;
let server: Server;
let way: Way;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-way-"));
  writeFileSync(join(folder, "token"), "skt_local", { mode: 0o600 });
  server = createServer((_, response) => {
    setTimeout(() => {
      response.setHeader("content-type", "application/json");
      response.end('{"sent":1}');
    }, lateMs).unref();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

function openWay(patience?: Silence): Way {
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const { pid, startedAt } = createProcessProbe().self();
  return wayToServer(
    {
      url: `http://127.0.0.1:${port}`,
      tokenFile: join(folder, "token"),
      version: "0",
      store: join(folder, "skein.db"),
      pid,
      startedAt,
    },
    {},
    patience,
  );
}

afterEach(() => {
  way.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function ask(): ReturnType<Way["ask"]> {
  return way.ask({
    tool: "send_message",
    body: {},
    caller: { handle: null, externalId: null, branch: null, gitDir: null, root: null },
    isWaiting: false,
    signal: new AbortController().signal,
  });
}

// Where the system does not tell that a process stands still, silence is what tells it.
test.skipIf(process.platform !== "linux")(
  "A server that runs and is slow, as on a busy machine, is waited for.",
  async () => {
    lateMs = 2_500;
    way = openWay();

    expect(await ask()).toMatchObject({ kind: "answered" });
  },
);

test("A server that runs and says nothing is given up.", async () => {
  lateMs = 60_000;
  way = openWay({ silentMs: 120, pingMs: 200 });

  expect(await ask()).toEqual({ kind: "lost", isFrozen: false });
});

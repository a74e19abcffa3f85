import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listen } from "../../../src/adapters/leading/listener.ts";
import type { HandedCall, Listener } from "../../../src/adapters/leading/listener.ts";
import { createProcessProbe } from "../../../src/adapters/process/probe.ts";
import { databaseOf } from "../../../src/store-place.ts";
import { createMcpStand } from "../../support/mcp-client.ts";
import type { McpStand } from "../../support/mcp-client.ts";

let stand: McpStand;
let other: ChildProcess;
let listener: Listener;
let handed: HandedCall[];

/** Another process leads; this one answers for it, and only when nobody wants the answer any more. */
beforeEach(async () => {
  stand = await createMcpStand();
  other = spawn("sleep", ["60"]);
  handed = [];
  const { root } = stand.repository;
  const storeDir = join(root, ".git/skein");
  const socket = join(storeDir, "leader-1-0a1b2c.sock");
  listener = await listen({
    socket,
    key: "secret",
    serve: async (call, signal) => {
      handed.push(call);
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve);
      });
      return { kind: "away" };
    },
    serveLine: async () => Promise.resolve({ kind: "odd" }),
  });
  const stamp = createProcessProbe().stampOf(other.pid ?? 0);
  const { host = "", bootId = "", namespace = "", startedAt = "" } = stamp ?? {};
  const process = { host, boot_id: bootId, namespace, pid: other.pid, started_at: startedAt };
  const store = databaseOf(storeDir);
  const seat = { socket, key: "secret", version: versionHere(), store, ...process };
  writeFileSync(join(storeDir, "leader.json"), JSON.stringify(seat), { mode: 0o600 });
});

afterEach(async () => {
  other.kill("SIGKILL");
  await stand.close();
  await listener.close(0);
});

function versionHere(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return /"version": "([^"]+)"/u.exec(text)?.[1] ?? "";
}

describe("createLocalActs", () => {
  test("does not do itself what its agent no longer wants from the process that leads", async () => {
    const agent = await stand.connect();
    const over = new AbortController();
    const params = { name: "send_message", arguments: { to: "all", text: "never mind" } };
    const asked = agent.client.callTool(params, { signal: over.signal });
    await until(() => handed.length === 1);

    over.abort();

    await expect(asked).rejects.toThrow();
    const next = agent.call("send_message", { to: "all", text: "but this" });
    await until(() => handed.length === 2);
    other.kill("SIGKILL");
    await next;
    const { store, messages } = stand.repository.project.skein;
    const sent = await store.read(async (reader) => messages.list(reader, {}));
    expect(handed[0]).toMatchObject({ caller: { root: stand.repository.root } });
    expect(sent.map(({ text }) => text)).toEqual(["but this"]);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

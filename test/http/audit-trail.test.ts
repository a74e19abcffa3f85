import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { openProjectServer } from "../../src/compose-projects.ts";
import type { Event } from "../../src/core/events/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";

const planText =
  "plan: shop\ntitle: A shop\ntasks:\n  - id: T1\n    title: Prices\n    files: [src/a.ts]\n";

const stands: HttpStand[] = [];

afterEach(async () => {
  for (const stand of stands.splice(0)) {
    await stand.close();
  }
});

async function aStand(options: Parameters<typeof createHttpStand>[0] = {}): Promise<HttpStand> {
  const stand = await createHttpStand({ commands: createCommandRunner(), ...options });
  stands.push(stand);
  return stand;
}

async function eventsOf({ repository }: HttpStand): Promise<readonly Event[]> {
  const { skein } = repository.project;
  return skein.store.read((reader) => skein.events.after(reader, 0, 1_000));
}

describe("the audit trail of a server", () => {
  test("tells who asked for each change, by which action, through which session", async () => {
    const stand = await aStand();
    await stand.call("send_message", { to: "all", text: "hello" });
    const client = await stand.connect();
    const claimed = await client.callTool({
      name: "claim_files",
      arguments: { paths: ["src/a.ts"] },
    });
    await client.close();
    await stand.ask("api/v1/commands", {
      method: "POST",
      body: { command: ["plan", "import"], arguments: ["-"], input: planText },
    });

    const events = await eventsOf(stand);

    expect(claimed.isError ?? false, JSON.stringify(claimed)).toBe(false);
    const asked = (kind: string): unknown => events.findLast((event) => event.kind === kind)?.by;
    expect(events.filter(({ by }) => by === null)).toEqual([]);
    expect(asked("lease.granted")).toEqual({
      principal: "loopback",
      name: "ada",
      action: "tool:claim_files",
    });
    expect(asked("message.sent")).toMatchObject({ action: "tool:send_message" });
    expect(events.at(-1)).toMatchObject({
      actor: "person:ada",
      by: { principal: "loopback", action: "command:plan import" },
    });
    expect(events.find(({ kind }) => kind === "lease.granted")?.actor).toMatch(/^session:s\d+$/u);
  });
});

describe("readyz", () => {
  test("says that the bus is down and stays ready", async () => {
    const repository = await createCoordinatedRepository();
    const projects = await openProjectServer({ cwd: repository.root, env: plainEnv });
    const stand = await aStand({
      projects: {
        ...projects,
        busHealth: () => ({ kind: "redis", state: "down", sinceMs: 0, reason: "ECONNREFUSED" }),
      },
    });

    const { status, body } = await stand.ask("readyz");
    const metrics = await stand.ask("metrics");

    expect(status).toBe(200);
    expect(body["checks"]).toMatchObject({ bus: "down", store: "ok" });
    expect(JSON.stringify(body)).not.toContain("ECONNREFUSED");
    expect(metrics.text).toContain("skein_bus_up 0\n");
    await repository.remove();
  });

  test("is 503 when a store does not answer, and names no project", async () => {
    const repository = await createCoordinatedRepository();
    const projects = await openProjectServer({ cwd: repository.root, env: plainEnv });
    let isAway = false;
    const open: typeof projects.open = async (name) => {
      const served = await projects.open(name);
      const { store } = served.skein;
      const read: typeof store.read = async (work) =>
        isAway ? Promise.reject(new Error("away")) : store.read(work);
      return { ...served, skein: { ...served.skein, store: { ...store, read } } };
    };
    const stand = await aStand({ projects: { ...projects, open } });
    await stand.call("look", { at: "board" });
    isAway = true;

    const { status, body } = await stand.ask("readyz");

    expect(status).toBe(503);
    expect(body).toEqual({
      status: "not ready",
      checks: { bus: "ok", store: "1 of 1 away", ending: "no" },
    });
    await repository.remove();
  });
});

describe("startDailyAnchors", () => {
  test.each([
    ["after a while", { anchorEveryMs: 20 }, false],
    ["as soon as they are opened", {}, true],
  ])("anchors the logs of the projects that are open, %s", async (_, timing, hasEvents) => {
    const directory = makeTemporaryDirectory();
    const file = join(directory, "anchors.jsonl");
    const key = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
    const env = {
      ...plainEnv,
      SKEIN_AUDIT_KEY: key.toString(),
      SKEIN_AUDIT_ANCHOR: `file:${file}`,
    };
    const repository = await createCoordinatedRepository();
    if (hasEvents) {
      await repository.claim("codex:grace", ["src/a.ts"]);
    }
    const projects = await openProjectServer({ cwd: repository.root, env });
    const stand = await aStand({ env, projects, ...timing });
    await stand.call("send_message", { to: "all", text: "hello" });

    await vi.waitFor(
      () => {
        expect(readFileSync(file, "utf8")).toContain('"project":"local"');
      },
      { timeout: 20_000 },
    );
    await repository.remove();
    rmSync(directory, { recursive: true });
  });
});

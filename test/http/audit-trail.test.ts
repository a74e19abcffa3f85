import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import { openProjectServer } from "../../src/compose-projects.ts";
import type { BusHealth, Event } from "../../src/core/events/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";
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

  test("says of a bus that nobody has used yet that it is idle, and not that it is well", async () => {
    const repository = await createCoordinatedRepository();
    const projects = await openProjectServer({ cwd: repository.root, env: plainEnv });
    let state: "idle" | "well" = "idle";
    const busHealth = (): BusHealth => ({ kind: "redis", state, sinceMs: 0, reason: null });
    const stand = await aStand({ projects: { ...projects, busHealth } });

    const untold = await stand.ask("healthz");
    state = "well";
    const isWell = async (): Promise<void> => {
      const { body } = await stand.ask("readyz");
      expect(body["checks"]).toMatchObject({ bus: "ok" });
    };
    await vi.waitFor(isWell, { timeout: 10_000 });

    expect(untold.status).toBe(200);
    expect(untold.body["checks"]).toMatchObject({ bus: "idle", store: "ok" });
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
    const [whole, metrics] = [await stand.ask("healthz"), await stand.ask("metrics")];

    const checks = { bus: "idle", store: "1 of 1 away", ending: "no" };
    expect(status).toBe(503);
    expect(body).toEqual({ status: "not ready", checks });
    expect(whole.status).toBe(503);
    expect(whole.body).toMatchObject({ status: "not ready", checks });
    expect(metrics.text).toContain('skein_store_up{project="local"} 0\n');
    await repository.remove();
  });

  test("is 503 as soon as the server is told to end, while the server lives and says so", async () => {
    const stand = await createHttpStand();
    const [before, tellsUp] = [await stand.ask("readyz"), await stand.ask("metrics")];

    const ended = stand.server.drain({ noticeMs: 400, withinMs: 5_000 });
    const asked = ["readyz", "livez", "metrics"].map(async (path) => stand.ask(path));
    const [ready, live, metrics] = await Promise.all(asked);
    await ended;

    expect(before.body).toMatchObject({ status: "ready", checks: { ending: "no" } });
    expect([ready?.status, live?.status]).toEqual([503, 200]);
    expect(ready?.body).toMatchObject({
      status: "not ready",
      checks: { store: "ok", ending: "yes" },
    });
    expect(tellsUp.text).toContain("skein_up 1\n");
    expect(metrics?.text).toContain("skein_up 0\n");
    await stand.repository.remove();
  });
});

describe("metrics", () => {
  test("of projects tells whoever has a token of one that alone, and the user of the machine all", async () => {
    const repository = await createCoordinatedRepository();
    const projects = await openProjectServer({ cwd: repository.root, env: plainEnv });
    const stand = await aStand({
      auth: {
        tokens: true,
        oidc: null,
        publicUrl: null,
        allowedHosts: [],
        allowedOrigins: [],
        quotas: { perMinute: 6_000, burst: 1_000 },
      },
      projects: {
        ...projects,
        kind: "postgres",
        projects: async () => Promise.resolve(["local", "other"]),
        open: async (name) => ({ ...(await projects.open("local")), name }),
      },
    });
    const { access, store } = stand.repository.project.skein;
    const { text } = await store.write((tx) =>
      access.tokens.create(tx, { role: "viewer", by: "person:eve" }),
    );
    for (const name of ["local", "other"]) {
      await stand.ask(`p/${name}/api/v1/tools/look`, { method: "POST", body: { at: "board" } });
    }

    const ofToken = await stand.ask("metrics", { headers: { authorization: `Bearer ${text}` } });
    const ofUser = await stand.ask("metrics");

    expect(ofToken.status).toBe(200);
    expect([ofToken, ofUser].map(projectsIn)).toEqual([["local"], ["local", "other"]]);
    await repository.remove();
  });
});

function projectsIn({ text }: HttpAnswer): readonly string[] {
  return [...new Set(Array.from(text.matchAll(/project="(\w+)"/gu), ([, name = ""]) => name))];
}

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

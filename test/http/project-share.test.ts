import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "../../src/core/access/index.ts";
import { createMeter } from "../../src/core/metrics/index.ts";
import { createProjectShare } from "../../src/http/project-share.ts";
import type { Lane } from "../../src/http/lanes.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

const agent: Principal = {
  id: "token:1",
  kind: "token",
  name: "one",
  role: "agent",
  project: "acme/shop",
};

describe("createProjectShare", () => {
  test("gives a twelfth of a minute's requests at once and the others evenly, and says when there is one again", () => {
    let nowMs = 0;
    const refused: string[] = [];
    const meter = { refuse: (code: string) => void refused.push(code) };
    const share = createProjectShare(24, { clock: { nowMs: () => nowMs }, meter });
    const take = (lane: Lane = "take") => {
      share.take(lane, agent);
    };
    take();
    take("read");

    expect(() => {
      take();
    }).toThrow(
      expect.objectContaining({
        code: "SKN-7934",
        retryAfterMs: 2_500,
        facts: { project: "acme/shop", per_minute: 24 },
      }),
    );
    nowMs = 2_500;
    take("wait");
    expect(() => {
      take();
    }).toThrow();
    expect(refused).toEqual(["SKN-7934", "SKN-7934"]);
  });

  test("takes nothing for what keeps work alive, nor from the user of the machine", () => {
    const share = createProjectShare(1, { clock: { nowMs: () => 0 }, meter: createMeter() });
    share.take("take", agent);

    share.take("keep", agent);
    share.take("read", { ...agent, kind: "loopback" });
    expect(() => {
      share.take("read", agent);
    }).toThrow("acme/shop ask more than 1 times a minute");
  });

  test("has no end without a limit", () => {
    const share = createProjectShare(null, { clock: { nowMs: () => 0 }, meter: createMeter() });
    for (let asked = 0; asked < 1_000; asked += 1) {
      share.take("read", agent);
    }
  });
});

describe("a server with limits.requests_per_minute", () => {
  let stand: HttpStand;

  beforeAll(async () => {
    stand = await createHttpStand({
      auth: {
        tokens: true,
        oidc: null,
        publicUrl: null,
        allowedHosts: [],
        allowedOrigins: [],
        quotas: { perMinute: 12_000, burst: 1_000 },
      },
      prepare: (repository) => {
        repository.write("skein.yml", "limits:\n  requests_per_minute: 36\n  leases: 1\n");
      },
    });
  });

  afterAll(async () => {
    await stand.close();
  });

  test("turns the callers of a project away together with 429, over the API and over MCP, and renews what they hold", async () => {
    const tokens = await Promise.all(["one", "other"].map(async (name) => aToken(stand, name)));
    const statuses: number[] = [];
    for (const token of [...tokens, ...tokens]) {
      const { status } = await stand.call("look", { at: "board" }, bearing(token));
      statuses.push(status);
    }
    const [token = ""] = tokens;
    const refused = await stand.call("next_task", {}, bearing(token));
    const overMcp = await stand.ask("mcp", {
      method: "POST",
      headers: { ...bearing(token), accept: "application/json, text/event-stream" },
      body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "look" } },
    });
    const metrics = await stand.ask("metrics");
    const kept = await stand.call("update_task", { task: "T1", fence: 1 }, bearing(token));
    const own = await stand.call("look", { at: "board" });

    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(refused.status).toBe(429);
    expect(refused.body["error"]).toMatchObject({ code: "SKN-7934" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(overMcp.status).toBe(429);
    expect(overMcp.body["error"]).toMatchObject({ data: { code: "SKN-7934" } });
    // There is no such task, which is told by whoever looked for it.
    expect(kept.body["error"]).not.toMatchObject({ code: "SKN-7934" });
    expect(kept.status).not.toBe(429);
    expect(own.status).toBe(200);
    expect(metrics.text).toMatch(/skein_refusals_total\{code="SKN-7934",project="local"\} 3\n/u);
  });

  test("answers 429, too, where a project holds all that it may: nothing was done", async () => {
    await stand.call("claim_files", { paths: ["a.ts"] });
    const { status, body } = await stand.call("claim_files", { paths: ["b.ts"] });

    expect(status).toBe(429);
    expect(body["error"]).toMatchObject({ code: "SKN-7503" });
  });

  test("lets a host come while the share is used up", async () => {
    const token = await aToken(stand, "third");
    for (let asked = 0; asked < 4; asked += 1) {
      await stand.call("look", { at: "board" }, bearing(token));
    }

    const { status } = await stand.ask("mcp", {
      method: "POST",
      headers: { ...bearing(token), accept: "application/json, text/event-stream" },
      body: { jsonrpc: "2.0", id: 1, method: "tools/list" },
    });
    expect(status).not.toBe(429);
  });
});

function bearing(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

async function aToken({ repository }: HttpStand, name: string): Promise<string> {
  const { skein } = repository.project;
  const { text } = await skein.store.write((tx) =>
    skein.access.tokens.create(tx, { role: "agent", by: "person:eve", name }),
  );
  return text;
}

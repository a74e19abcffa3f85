import { afterEach, describe, expect, test } from "vitest";

import { createProvider } from "../../src/adapters/models/index.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { createModels } from "../../src/core/models/index.ts";
import type { LanguageModel, Model } from "../../src/core/models/index.ts";
import { fail, say, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../support/model-servers/index.ts";
import { aModel, aRequest, recordingLedger } from "../support/models.ts";
import type { RecordingLedger } from "../support/models.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

const sonnet = aModel();
const routed = aModel({ name: "routed", provider: "router", id: "anthropic/claude-sonnet-5-5" });

interface Stand {
  readonly port: LanguageModel;
  readonly ledger: RecordingLedger;
}

/** Both providers behind all policies; pauses are a hundred times shorter. */
async function aStand(claude: ModelServer, router: ModelServer): Promise<Stand> {
  const ledger = recordingLedger();
  const key = { reference: "env:TEST", read: () => Promise.resolve("test-key") };
  const providers: Readonly<Record<string, LanguageModel>> = {
    claude: createProvider({ name: "claude", kind: "anthropic", baseUrl: claude.url, key }),
    router: createProvider({
      name: "router",
      kind: "openai-compatible",
      baseUrl: router.v1,
      key: null,
    }),
  };
  const port = await createModels({
    providers: {
      generate: async (request) => {
        const provider = providers[request.model.provider];
        if (provider === undefined) {
          throw new Error("no such provider");
        }
        return provider.generate(request);
      },
    },
    models: [sonnet, routed],
    policyOf: () => ({
      rate: { tier: null, cap: null, mayQueue: true },
      concurrency: 10,
      timeoutMs: 30_000,
    }),
    chains: { review: ["claude", "router"] },
    redactor: { redact: (text) => Promise.resolve({ text, found: [] }) },
    ledger,
    tape: null,
    tries: "by-cause",
    timer: {
      nowMs: () => systemTimer.nowMs(),
      // Waits are short here; the limit of a try stays, since a busy machine may take longer than a hundredth of it.
      sleep: async (ms, signal) => systemTimer.sleep(ms < 30_000 ? ms / 100 : ms, signal),
    },
    random: createSeededRandom(),
  });
  return { port, ledger };
}

function outcomes({ ledger }: Stand): readonly (readonly [string, string])[] {
  return ledger.settled.map(({ grant, outcome }) => [grant.call.model.name, outcome]);
}

function ask({ port }: Stand, model: Model = sonnet) {
  return port.generate(aRequest({ model, temperature: null }));
}

describe("real clients behind the policies", () => {
  test("a 529 is tried again, and its tries cost nothing", async () => {
    const claude = await serve({ reply: ({ number }) => (number < 3 ? fail(529) : "ready") });
    const stand = await aStand(claude, await serve());

    expect((await ask(stand)).text).toBe("ready");
    expect(outcomes(stand)).toEqual([
      ["sonnet", "refused"],
      ["sonnet", "refused"],
      ["sonnet", "answered"],
    ]);
  });

  test("a provider that cuts its connections is left for the chain, and each try counts as spent", async () => {
    const claude = await serve({ reply: () => ({ kind: "reset" }) });
    const stand = await aStand(
      claude,
      await serve({ reply: () => say("ready", { usage: { inputTokens: 9, outputTokens: 1 } }) }),
    );

    const answer = await ask(stand);

    expect(answer.model).toEqual(routed);
    expect(claude.calls).toHaveLength(6);
    expect(outcomes(stand)).toEqual([
      ...Array.from({ length: 6 }, () => ["sonnet", "unknown"]),
      ["routed", "answered"],
    ]);
    expect(stand.ledger.settled.at(-1)?.usage).toMatchObject({ inputTokens: 9, outputTokens: 1 });
  });

  test("garbage is tried again twice, a wrong key never", async () => {
    const claude = await serve({ reply: () => ({ kind: "garbage", body: "<html>" }) });
    const router = await serve({ reply: () => fail(401) });
    const stand = await aStand(claude, router);

    await expect(ask(stand)).rejects.toMatchObject({ fault: "bad_reply" });

    expect([claude.calls.length, router.calls.length]).toEqual([3, 1]);
  });

  test("a caller who gives up ends calls, lines and pauses, and everything is settled", async () => {
    const claude = await serve({ reply: () => ({ kind: "hang" }) });
    const stand = await aStand(claude, await serve());
    const caller = new AbortController();
    const calls = Array.from({ length: 20 }, () =>
      stand.port.generate(aRequest({ signal: caller.signal, temperature: null })),
    );
    const ends = Promise.allSettled(calls);
    while (claude.calls.length < 10) {
      await systemTimer.sleep(5, null);
    }

    caller.abort();

    for (const end of await ends) {
      expect(end).toMatchObject({ status: "rejected", reason: { fault: "aborted" } });
    }
    expect(stand.ledger.settled).toHaveLength(stand.ledger.reserved.length);
    const sorts = new Set(stand.ledger.settled.map(({ outcome }) => outcome));
    expect([...sorts].toSorted()).toEqual(["unknown", "unsent"]);
  });

  test.each([
    ["anthropic", { all: 6_000, output: 4_000, windowMs: 500 }],
    ["openai", { all: 6_000, windowMs: 500 }],
  ] as const)(
    "a limit of tokens in the headers of %s is waited for, told, and never passed",
    async (format, tokenWindow) => {
      // 20 calls of 300 to 1,100 tokens at their worst: several windows of half a second.
      const server = await serve({ tokenWindow });
      const { port, waits } = await aTokenStand(server, format);
      const asking = (maxOutputTokens: number) =>
        port.generate(aRequest({ model: sonnet, temperature: null, maxOutputTokens }));
      await asking(500);

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => asking(300 + (at % 5) * 200)),
      );

      expect(answers).toHaveLength(20);
      expect(server.refused()).toBe(0);
      expect(server.calls).toHaveLength(21);
      expect(waits()).toBeGreaterThan(5);
    },
  );
});

/** One provider in real time, and how many calls were told to wait. */
async function aTokenStand(
  server: ModelServer,
  format: "anthropic" | "openai",
): Promise<{ readonly port: LanguageModel; readonly waits: () => number }> {
  const key = { reference: "env:TEST", read: () => Promise.resolve("test-key") };
  let waits = 0;
  const port = await createModels({
    providers:
      format === "anthropic"
        ? createProvider({ name: "claude", kind: "anthropic", baseUrl: server.url, key })
        : createProvider({ name: "claude", kind: "openai-compatible", baseUrl: server.v1, key }),
    models: [sonnet],
    policyOf: () => ({
      rate: { tier: null, cap: null, mayQueue: true },
      concurrency: 30,
      timeoutMs: 30_000,
    }),
    chains: {},
    redactor: { redact: (text) => Promise.resolve({ text, found: [] }) },
    ledger: recordingLedger(),
    tape: null,
    tries: "once",
    timer: systemTimer,
    random: createSeededRandom(),
    onEvent: ({ kind }) => {
      waits += kind === "waiting" ? 1 : 0;
    },
  });
  return { port, waits: () => waits };
}

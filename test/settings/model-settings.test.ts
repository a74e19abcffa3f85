import { describe, expect, test } from "vitest";

import { categories, severities, usualLimits } from "../../src/core/review/index.ts";
import { loadSettings } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.ts";
import { defaultTakes, familyOf } from "../../src/settings/models.ts";

async function load(text: string, env: Record<string, string> = {}): Promise<Settings> {
  return (await loadSettings({ root: "/nowhere", env, text })).settings;
}

/** The example of the issue, word for word. */
const example = `
providers:
  claude: { kind: anthropic, api_key: env:ANTHROPIC_API_KEY }
  router: { kind: openai-compatible, base_url: "http://127.0.0.1:9000/v1", api_key: env:ROUTER_KEY, tier: auto }
models:
  sonnet:   { provider: claude, id: claude-sonnet-5-5, family: claude, size: large, weight: 1.5 }
  qwen-32b: { provider: router, id: Qwen/Qwen2.5-Coder-32B-Instruct, family: qwen, size: large, weight: 1.5, price: { input: 0.2, output: 0.6 } }
review:  { preset: balanced, seats: 6, thresholds: { severity: { critical: 50 }, category: { style: 70 } }, required: false }
planner: { model: sonnet }
chains:  { review: [router, claude], plan: [claude] }
budgets: { run_usd: 0.50, pull_request_usd: 2.00, day_usd: 10.00 }
`;

/** Each name at 50 percent, as YAML. */
function words(names: readonly string[]): string {
  return names.map((name) => `${name}: 50`).join(", ");
}

/** How many seats a review has by these settings of it, with the smallest profile. */
async function seatsOf(review: string): Promise<number | null> {
  const others = example.replace(/review: {2}.*/u, "");
  return (await load(`${others}\nprofile: development\nreview: ${review}`)).review.seats;
}

describe("settings of models", () => {
  test("reads the example", async () => {
    const settings = await load(example);

    expect(settings.providers.get("router")).toEqual({
      name: "router",
      kind: "openai-compatible",
      baseUrl: "http://127.0.0.1:9000/v1",
      apiKey: "env:ROUTER_KEY",
      tier: "auto",
      requestsPerMinute: null,
      concurrency: 10,
      timeoutMs: 30_000,
      takesSchema: true,
    });
    expect(settings.models.get("qwen-32b")).toEqual({
      name: "qwen-32b",
      provider: "router",
      id: "Qwen/Qwen2.5-Coder-32B-Instruct",
      family: "qwen",
      size: "large",
      weight: 1_500,
      takes: {
        temperature: true,
        reasoning: null,
        tokenParameter: "max_tokens",
        thinkingTokens: 0,
        headers: {},
      },
      price: { input: 200_000, output: 600_000, cacheRead: 200_000, cacheWrite: 200_000 },
    });
    expect(settings.models.get("sonnet")?.price).toBeNull();
    expect(settings.review).toEqual({
      preset: "balanced",
      seats: 6,
      panel: null,
      thresholds: { severity: { critical: 50 }, category: { style: 70 } },
      limits: usualLimits,
      required: false,
      cacheMs: 86_400_000,
      exclude: [],
      include: [],
      forbiddenPaths: [],
    });
    expect(settings.planner).toBe("sonnet");
    expect(settings.chains).toEqual({ review: ["router", "claude"], plan: ["claude"] });
    expect(settings.budgets).toMatchObject({
      runMicroUsd: 500_000,
      pullRequestMicroUsd: 2_000_000,
      dayMicroUsd: 10_000_000,
      monthMicroUsd: null,
    });
  });

  test("takes what a model takes over the defaults", async () => {
    const settings = await load(`
providers: { local: { kind: openai-compatible, base_url: "http://localhost:11434/v1" } }
models:
  r1:
    provider: local
    id: deepseek-r1
    takes: { temperature: false, reasoning: low, token_parameter: max_completion_tokens, thinking_tokens: 4096, headers: { x-team: core } }
`);

    expect(settings.models.get("r1")).toMatchObject({
      family: "deepseek",
      size: "medium",
      weight: 1_000,
      takes: {
        temperature: false,
        reasoning: "low",
        tokenParameter: "max_completion_tokens",
        thinkingTokens: 4_096,
        headers: { "x-team": "core" },
      },
    });
  });

  test.each([
    ["large", 1_500],
    ["medium", 1_000],
    ["small", 700],
  ])("weighs a %s model %i thousandths", async (size, weight) => {
    const settings = await load(`
providers: { local: { kind: openai-compatible, base_url: "http://localhost/v1" } }
models: { m: { provider: local, id: m, size: ${size} } }
`);

    expect(settings.models.get("m")?.weight).toBe(weight);
  });

  test("fills variables in, but not in the place of a secret's reference", async () => {
    const settings = await load(
      `
providers: { local: { kind: openai-compatible, base_url: "http://\${HOST:-localhost}:\${PORT}/v1" } }
models: { m: { provider: local, id: "\${MODEL}" } }
budgets: { run_usd: "\${LIMIT}" }
`,
      { PORT: "8080", MODEL: "qwen3", LIMIT: "0.25" },
    );

    expect(settings.providers.get("local")?.baseUrl).toBe("http://localhost:8080/v1");
    expect(settings.models.get("m")?.id).toBe("qwen3");
    expect(settings.budgets.runMicroUsd).toBe(250_000);
  });

  test.each([
    ["development", 3, 4, 10],
    ["staging", 5, 6, 20],
    ["production", 8, 10, 50],
  ])("knows the profile %s", async (...[name, parallelSteps, reviewers, requestsPerMinute]) => {
    const provider = `{ kind: openai-compatible, base_url: "http://localhost/v1"`;
    const settings = await load(`
profile: ${name}
providers: { one: ${provider} }, two: ${provider}, requests_per_minute: 7 } }
`);

    expect(settings.profile).toEqual({ name, parallelSteps, reviewers, requestsPerMinute });
    expect(settings.review.seats).toBe(reviewers);
    expect(settings.providers.get("one")?.requestsPerMinute).toBe(requestsPerMinute);
    expect(settings.providers.get("two")?.requestsPerMinute).toBe(7);
  });

  test("ranks a chosen preset, a number of seats and a panel before the profile's number of reviewers", async () => {
    expect(await seatsOf("{}")).toBe(4);
    expect(await seatsOf("{ preset: critical }")).toBeNull();
    expect(await seatsOf("{ panel: [sonnet, sonnet] }")).toBeNull();
    expect(await seatsOf("{ preset: critical, seats: 7 }")).toBe(7);
  });

  test("lets a variable choose the profile", async () => {
    const { profile } = await load("profile: development", { SKEIN_PROFILE: "production" });

    expect(profile?.name).toBe("production");
  });

  test("switches each feature", async () => {
    const { features } = await load(
      "features: { failover: false, rate_queue: false, quick_fallback: false, sequential_fallback: false }",
    );

    expect(features).toEqual({
      failover: false,
      rateQueue: false,
      quickFallback: false,
      sequentialFallback: false,
    });
  });

  test.each([
    ["{}", {}],
    ["{ generate_tokens: 3000 }", { generateTokens: 3_000 }],
    ["{ ballot_tokens: 120, candidates: 8 }", { ballotTokens: 120, candidates: 8 }],
    [
      "{ generate_tokens: 300, ballot_tokens: 40, candidates: 1 }",
      { generateTokens: 300, ballotTokens: 40, candidates: 1 },
    ],
    [
      "{ generate_tokens: 16000, ballot_tokens: 400, candidates: 50 }",
      { generateTokens: 16_000, ballotTokens: 400, candidates: 50 },
    ],
  ])(
    "takes the limits %s; the others are those of a swarm that nobody limits",
    async (...[text, own]) => {
      const { review } = await load(`review: { limits: ${text} }`);

      expect(review.limits).toEqual({ ...usualLimits, ...own });
    },
  );

  test("knows every severity and category of a finding", async () => {
    const { review } = await load(
      `review: { thresholds: { severity: { ${words(severities)} }, category: { ${words(categories)} } } }`,
    );

    expect(Object.keys(review.thresholds.severity)).toEqual(severities);
    expect(Object.keys(review.thresholds.category)).toEqual(categories);
  });
});

describe("familyOf", () => {
  test.each([
    ["claude-sonnet-5-5", "claude"],
    ["anthropic/claude-haiku-5-5", "claude"],
    ["gpt-5.6-sol", "gpt"],
    ["o3-mini", "gpt"],
    ["openai/gpt-oss-120b", "gpt"],
    ["gpt-5.3-codex", "gpt"],
    ["Qwen/Qwen2.5-Coder-32B-Instruct", "qwen"],
    ["qwq-32b", "qwen"],
    ["meta-llama/Llama-3.3-70B-Instruct", "llama"],
    ["deepseek-r1:14b", "deepseek"],
    ["DeepSeek-R1-Distill-Llama-8B", "deepseek"],
    ["mistralai/Devstral-Small", "mistral"],
    ["codestral-latest", "mistral"],
    ["gemini-3.8-flash", "gemini"],
    ["gemma3:27b", "gemini"],
    ["grok-5", "grok"],
    ["phi-4", "phi"],
    ["zai-org/GLM-5", "glm"],
    ["moonshotai/Kimi-K3", "kimi"],
    ["acme/Wunder-7B", "wunder"],
    ["123", "unknown"],
  ])("guesses that %s is of %s", (id, family) => {
    expect(familyOf(id)).toBe(family);
  });
});

describe("defaultTakes", () => {
  test.each([
    ["anthropic", "claude-sonnet-4-5", true, "max_tokens", 0],
    ["anthropic", "claude-sonnet-4-5-20250929", true, "max_tokens", 0],
    ["anthropic", "claude-opus-4-7", false, "max_tokens", 0],
    ["anthropic", "claude-sonnet-5-5", false, "max_tokens", 0],
    ["openai", "gpt-4.1", true, "max_output_tokens", 0],
    ["openai", "gpt-5.6-sol", false, "max_output_tokens", 4_096],
    ["openai", "o3", false, "max_output_tokens", 4_096],
    ["openai-compatible", "openai/gpt-5.5", false, "max_completion_tokens", 4_096],
    ["openai-compatible", "openai/gpt-oss-120b", true, "max_tokens", 0],
    ["openai-compatible", "Qwen/Qwen2.5-Coder-32B-Instruct", true, "max_tokens", 0],
    ["openai-compatible", "deepseek-r1", true, "max_tokens", 4_096],
    ["openai-compatible", "anthropic/claude-opus-5", false, "max_tokens", 0],
  ] as const)(
    "of %s %s: temperature %s, %s, %i to think",
    (...[kind, id, temperature, tokenParameter, thinkingTokens]) => {
      expect(defaultTakes(kind, id)).toEqual({
        temperature,
        tokenParameter,
        thinkingTokens,
        reasoning: null,
        headers: {},
      });
    },
  );
});

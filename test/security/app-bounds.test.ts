import { describe, expect, test } from "vitest";

import { SkeinError } from "../../src/core/base/errors.ts";
import { boundsOf, needBounds } from "../../src/provider-bounds.ts";
import { loadSettings } from "../../src/settings.ts";

type Env = Readonly<Record<string, string>>;

/** Reasons against one provider, as an App with these variables gives them; null: it is used. */
async function against(written: string, env: Env = {}, isAgreed = false): Promise<string | null> {
  const text = `providers: { p: ${written} }\n`;
  const { settings } = await loadSettings({ root: "/", env: {}, text });
  const trust = { isAgreed: async () => Promise.resolve(isAgreed) };
  const bounds = boundsOf(env, (_, message) => new Error(message));
  try {
    await needBounds([...settings.providers.values()], { bounds, trust });
    return null;
  } catch (error) {
    if (error instanceof SkeinError && error.code === "SKN-8757") {
      return JSON.stringify([error.message, error.facts]);
    }
    throw error;
  }
}

describe("the App's bounds", () => {
  test.each([
    "{ kind: anthropic, api_key: env:ANTHROPIC_API_KEY }",
    "{ kind: openai, api_key: env:OPENAI_API_KEY }",
  ])("let %s through by default", async (written) => {
    expect(await against(written)).toBeNull();
  });

  test.each([
    "{ kind: anthropic, api_key: env:DATABASE_PASSWORD }",
    "{ kind: anthropic, api_key: env:anthropic_api_key }",
    "{ kind: anthropic, api_key: env:OPENAI_API_KEY }",
    "{ kind: openai, api_key: env:ANTHROPIC_API_KEY }",
    "{ kind: openai, api_key: file:/etc/passwd }",
    '{ kind: openai, api_key: "cmd:cat /etc/passwd" }',
    "{ kind: openai, api_key: vault:secret/app#key }",
    '{ kind: openai-compatible, base_url: "http://127.0.0.1:1/v1" }',
    '{ kind: openai, base_url: "http://localhost:1/v1", api_key: env:OPENAI_API_KEY }',
    '{ kind: openai, base_url: "http://[::1]:1/v1", api_key: env:OPENAI_API_KEY }',
    '{ kind: openai, base_url: "https://evil.example", api_key: env:OPENAI_API_KEY }',
  ])("refuse %s by default, and repeat nothing of it", async (written) => {
    const told = await against(written);

    expect(told).toContain("does not use these providers");
    expect(told).not.toMatch(/passwd|secret\/app|evil|127\.|localhost|::1|DATABASE/u);
  });

  const operator = {
    SKEIN_BOT_KEYS: " ROUTER_KEY ,OTHER",
    SKEIN_BOT_BASE_URLS: "https://Router.example/v1/, http://127.0.0.1:11434/v1",
  };

  test.each([
    [
      '{ kind: openai-compatible, base_url: "https://router.example/v1", api_key: env:ROUTER_KEY }',
      true,
    ],
    ['{ kind: openai-compatible, base_url: "https://router.example:443/v1/" }', true],
    ['{ kind: openai-compatible, base_url: "http://127.1:11434/v1" }', true],
    ['{ kind: openai-compatible, base_url: "https://router.example/v1/../admin" }', false],
    ['{ kind: openai-compatible, base_url: "https://router.example/v1/%2e%2e/admin" }', false],
    ['{ kind: openai-compatible, base_url: "https://router.example" }', false],
    ['{ kind: openai-compatible, base_url: "http://router.example/v1" }', false],
    ['{ kind: openai-compatible, base_url: "http://127.0.0.1:11435/v1" }', false],
    ["{ kind: openai, api_key: env:OPENAI_API_KEY }", false],
  ])("of an operator judge %s: %s", async (written, isUsed) => {
    expect((await against(written, operator)) === null).toBe(isUsed);
  });

  test("take an agreed fingerprint for an address, and for no key", async () => {
    const away = 'base_url: "https://router.example/v1"';

    expect(
      await against(`{ kind: openai, ${away}, api_key: env:OPENAI_API_KEY }`, {}, true),
    ).toBeNull();
    expect(
      await against(`{ kind: openai, ${away}, api_key: env:PGPASS }`, {}, true),
    ).not.toBeNull();
    expect(await against(`{ kind: openai, ${away}, api_key: file:/k }`, {}, true)).not.toBeNull();
  });

  test.each([
    { SKEIN_BOT_KEYS: "sk-ant-a1b2c3" },
    { SKEIN_BOT_BASE_URLS: "router.example" },
    { SKEIN_BOT_BASE_URLS: "file:///etc" },
  ])("are not read from %o, which is not repeated", (env) => {
    const read = (): unknown => boundsOf(env, (_, message) => new Error(message));

    expect(read).toThrow(/apart by commas/u);
    expect(read).not.toThrow(/a1b2c3|router|etc/u);
  });
});

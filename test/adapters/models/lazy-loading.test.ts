import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readSources } from "../../support/import-law.ts";

const heavy =
  /^(?:import|export)(?! type)\s[^;]*?from "(?:openai|@anthropic-ai\/sdk|@secretlint\/[^"]+)"/mu;

test("no file loads a provider's client or the rules for secrets before they are needed", () => {
  const sources = readSources();

  expect(sources.filter(({ text }) => heavy.test(text)).map(({ path }) => path)).toEqual([]);
  expect(sources.some(({ text }) => text.includes('import("@anthropic-ai/sdk")'))).toBe(true);
});

test("opening the models and making every provider loads none of them", () => {
  const program = `
    const { registerHooks } = await import("node:module");
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const { createProvider } = await import("./src/adapters/models/index.ts");
    const { createRedactor } = await import("./src/adapters/secrets/index.ts");
    await import("./src/compose-models.ts");
    for (const kind of ["anthropic", "openai", "openai-compatible"]) {
      createProvider({ name: kind, kind, baseUrl: "http://127.0.0.1:9/v1", key: null });
    }
    const redactor = createRedactor({ known: () => [] });
    const before = loaded.filter((url) => /node_modules.(?:openai|@anthropic-ai|@secretlint)/.test(url));
    await redactor.redact("a");
    const after = loaded.some((url) => url.includes("@secretlint/core"));
    console.log(JSON.stringify({ before, after, any: loaded.length > 10 }));
  `;

  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    timeout: 30_000,
  });

  expect(JSON.parse(output)).toEqual({ before: [], after: true, any: true });
});

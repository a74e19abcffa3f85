import type { BotEnv } from "./context.ts";

interface Provided {
  /** Under which its key stands. */
  readonly variable: string;
  readonly lines: readonly string[];
}

/** What each provider's key alone is enough for: a large, a medium and a small model of its family, with prices that the table knows. */
const provided: readonly Provided[] = [
  {
    variable: "ANTHROPIC_API_KEY",
    lines: [
      "claude: { kind: anthropic, api_key: env:ANTHROPIC_API_KEY }",
      "opus: { provider: claude, id: claude-opus-5-5, family: claude, size: large }",
      "sonnet: { provider: claude, id: claude-sonnet-5-5, family: claude, size: medium }",
      "haiku: { provider: claude, id: claude-haiku-5-5, family: claude, size: small }",
    ],
  },
  {
    variable: "OPENAI_API_KEY",
    lines: [
      "openai: { kind: openai, api_key: env:OPENAI_API_KEY }",
      "sol: { provider: openai, id: gpt-5.6-sol, family: gpt, size: large }",
      "terra: { provider: openai, id: gpt-5.6-terra, family: gpt, size: medium }",
      "luna: { provider: openai, id: gpt-5.6-luna, family: gpt, size: small }",
    ],
  },
];

/** The sections `providers` and `models` for the keys that are there, as lines of a `skein.yml`; empty without a key. */
export function defaultModels(env: BotEnv): string {
  const found = provided.filter(({ variable }) => (env[variable] ?? "") !== "");
  if (found.length === 0) {
    return "";
  }
  const providers = found.map(({ lines }) => `  ${lines[0] ?? ""}`);
  const models = found.flatMap(({ lines }) => lines.slice(1).map((line) => `  ${line}`));
  return ["providers:", ...providers, "models:", ...models, ""].join("\n");
}

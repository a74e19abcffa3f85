import { isLooseObject } from "../../../src/core/base/loose-object.ts";
import { ModelError } from "../../../src/core/models/index.ts";
import type {
  GenerateRequest,
  Model,
  ModelTakes,
  OutputSchema,
} from "../../../src/core/models/index.ts";
import { createProvider } from "../../../src/adapters/models/index.ts";
import type { ProviderConfig } from "../../../src/adapters/models/index.ts";
import type { ModelServer } from "../../support/model-servers/index.ts";

/** The three wire formats, and what chooses each. */
export const formats = [
  { format: "anthropic", kind: "anthropic", tokenParameter: "max_tokens" },
  { format: "openai-chat", kind: "openai-compatible", tokenParameter: "max_completion_tokens" },
  { format: "openai-responses", kind: "openai", tokenParameter: "max_output_tokens" },
] as const;

export type Format = (typeof formats)[number];

export function aModel({
  takes,
  ...more
}: Partial<Omit<Model, "takes">> & { takes?: Partial<ModelTakes> }): Model {
  return {
    name: "sonnet",
    provider: "claude",
    id: "model-1",
    family: "claude",
    size: "large",
    weight: 1_000,
    ...more,
    takes: {
      temperature: true,
      reasoning: null,
      tokenParameter: "max_tokens",
      thinkingTokens: 0,
      headers: {},
      ...takes,
    },
  };
}

export function aRequest<T>(more: Partial<GenerateRequest<T>> = {}): GenerateRequest<T> {
  return {
    model: aModel({}),
    messages: [
      { role: "system", text: "You review." },
      { role: "user", text: "Is it right?" },
    ],
    maxOutputTokens: 1_000,
    temperature: null,
    signal: new AbortController().signal,
    tag: { run: "R1", seat: "S1", phase: "generate", occurrence: 1 },
    ...more,
  };
}

/** A provider at a loopback server, with a key. */
export function providerAt(
  server: Pick<ModelServer, "url" | "v1">,
  { kind }: Pick<Format, "kind">,
  more: Partial<ProviderConfig> = {},
): ReturnType<typeof createProvider> {
  return createProvider({
    name: "claude",
    kind,
    baseUrl: kind === "anthropic" ? server.url : server.v1,
    key: { reference: "env:TEST_KEY", read: async () => Promise.resolve("test-key") },
    ...more,
  });
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ModelError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelError)) {
    throw new Error("the call did not end in a ModelError", { cause: error });
  }
  return error;
}

/** A schema with bounds and an optional property, as ours have. */
export const answerSchema: OutputSchema<{ readonly answer: number }> = {
  name: "answer",
  json: {
    type: "object",
    properties: {
      answer: { type: "integer", minimum: 0, maximum: 9 },
      pattern: { type: "string", maxLength: 5 },
    },
    required: ["answer"],
  },
  parse: (value) =>
    isLooseObject(value) && typeof value["answer"] === "number"
      ? { answer: value["answer"] }
      : null,
};

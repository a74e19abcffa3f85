import { z } from "zod";

import { secretReference } from "./secret-reference.ts";

/** What servers speak: Anthropic's interface, OpenAI's, or the chat interface that most others copy. */
export const providerKinds = ["anthropic", "openai", "openai-compatible"] as const;

const address = z
  .string()
  .max(2_000)
  .refine(
    isAddress,
    "An address begins with http:// or https:// and holds neither user nor password, and no `?` or `#`",
  )
  .describe("Where the server is; needed for `openai-compatible`. Default: the provider's own.");

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { protocol, username, password } = new URL(text);
  // A query would swallow the path that is added to it, and send the request to another place of the server.
  const isPlain = username === "" && password === "" && !/[?#]/u.test(text);
  return /^https?:$/u.test(protocol) && isPlain;
}

/** One section entry of `providers`. */
export const provider = z
  .strictObject({
    kind: z.enum(providerKinds).describe("What the server speaks."),
    base_url: address.optional(),
    api_key: secretReference.optional(),
    tier: z
      .enum(["auto", "free", "pro", "enterprise"])
      .optional()
      .describe("What the account may ask until the server's headers tell. Default: auto."),
    requests_per_minute: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe("A cap of your own, whatever the server allows. Default: the profile's, if any."),
    concurrency: z.int().min(1).max(100).optional().describe("Calls at once. Default: 10."),
    timeout_seconds: z
      .int()
      .min(1)
      .max(600)
      .optional()
      .describe("How long one try may take. Default: 30."),
    takes_schema: z
      .boolean()
      .optional()
      .describe("False where the server knows no JSON Schema. Default: true."),
  })
  .describe("A server of models.");

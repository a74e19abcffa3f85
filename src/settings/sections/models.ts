import { z } from "zod";

import { ownName } from "./names.ts";

export const modelSizes = ["large", "medium", "small"] as const;

/** These carry keys, and keys stand in no settings. */
const secretHeaders = /^(?:authorization|proxy-authorization|cookie|(?:x-)?api-key)$/iu;

const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/u, "A header's name has no spaces"),
    z.string().max(1_000),
  )
  .refine(
    (all) => !Object.keys(all).some((name) => secretHeaders.test(name)),
    "A key is no header here: write the provider's `api_key`",
  )
  .describe("Sent with every call.");

const takes = z
  .strictObject({
    temperature: z.boolean().optional().describe("False for models that refuse a temperature."),
    reasoning: z
      .enum(["none", "minimal", "low", "medium", "high"])
      .optional()
      .describe("The effort to ask for; `none` sends nothing. Default: none."),
    token_parameter: z
      .enum(["max_tokens", "max_completion_tokens", "max_output_tokens"])
      .optional()
      .describe("How the limit of output tokens is called; the last one is OpenAI's Responses."),
    thinking_tokens: z
      .int()
      .min(0)
      .max(200_000)
      .optional()
      .describe("Added to each limit, for models that think inside of it."),
    headers: headers.optional(),
  })
  .describe("What its interface takes. Defaults by the provider's kind and the model's id.");

const tokenPrice = z.number().min(0).max(10_000).multipleOf(0.000001);

const price = z
  .strictObject({
    input: tokenPrice,
    output: tokenPrice,
    cache_read: tokenPrice.optional().describe("Default: as input."),
    cache_write: tokenPrice.optional().describe("Default: as input."),
  })
  .describe("USD a million tokens. Default: the table that Skein comes with.");

/** One section entry of `models`. */
export const model = z
  .strictObject({
    provider: ownName.describe("A name in `providers`."),
    id: z
      .string()
      .regex(/^[\w./:@+-]{1,200}$/u, "A model's id has letters, digits and ./:@+-_ only")
      .describe("As its provider names it."),
    family: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,31}$/u, "A family is a short word in small letters")
      .optional()
      .describe("Models of one family share errors. Default: guessed from the id."),
    size: z.enum(modelSizes).optional().describe("Default: medium."),
    weight: z
      .number()
      .min(0.001)
      .max(100)
      .multipleOf(0.001)
      .optional()
      .describe("What its vote weighs. Default: large 1.5, medium 1, small 0.7."),
    price: price.optional(),
    takes: takes.optional(),
  })
  .describe("A model of a provider.");

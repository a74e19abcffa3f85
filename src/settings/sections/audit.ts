import { z } from "zod";

/** The section `audit`: what proves later that nobody changed the log. */
export const audit = z
  .strictObject({
    anchor: z
      .string()
      .regex(
        /^(?:git-tag|file:\/[^\n\r\0]{1,1000}\.jsonl)$/u,
        "It is `git-tag`, or `file:` and an absolute path that ends with .jsonl",
      )
      .optional()
      .describe(
        "Where the signed head of the log is put away each day: `git-tag`, or `file:/path/anchors.jsonl`. Default: nowhere.",
      ),
    key: z
      .string()
      .regex(
        /^(?:env:[A-Za-z_]\w*|file:\/[^\n\r\0]{1,1000})$/u,
        "A key stands outside of this file: write `env:NAME` or `file:/path`",
      )
      .optional()
      .describe("Where the Ed25519 key in PEM is. Default: env:SKEIN_AUDIT_KEY, if it is set."),
    public_keys: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9+/]{59}=$/u,
            "A public key is 60 characters of base64, as `skein audit anchor` prints it",
          ),
      )
      .max(20)
      .optional()
      .describe("Former keys whose anchors count, too."),
    retention_days: z
      .int()
      .min(7)
      .max(36_500)
      .optional()
      .describe("How long `skein maintain` keeps events in the live log. Default: 90."),
  })
  .describe("What proves later that nobody changed the log.");

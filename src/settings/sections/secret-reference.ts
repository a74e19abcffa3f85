import { z } from "zod";

/** How a secret is named: by where it stands. */
export const secretForms =
  "`env:NAME`, `file:/path`, `cmd:program argument` or `vault:mount/path#field`";

/** A secret by reference; `createSecrets` of the adapters looks it up. */
export const secretReference = z
  .string()
  .regex(
    /^(?:env:[A-Za-z_]\w*|file:\S.*|cmd:\S.*|vault:[^/#?\s]+\/[^#?\s]+#\S+)$/u,
    `A secret stands outside of this file: write ${secretForms}. If this was a real key, revoke it, since it may be committed`,
  )
  .describe(`Where the secret is: ${secretForms}.`);

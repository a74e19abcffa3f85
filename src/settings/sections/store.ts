import { z } from "zod";

/** An address without a password, or a reference to one; a password in a committed file is refused without being repeated. */
const databaseUrl = z
  .string()
  .max(2_048)
  .refine((text) => isReference(text) || isOpenAddress(text), {
    error:
      "It is `env:NAME`, `file:/path`, `cmd:program argument`, `vault:mount/path#field`, or `postgres://user@host/database` without a password",
  })
  .describe(
    "The PostgreSQL database that `skein init` offers to a clone: `env:NAME`, `file:/path`, `cmd:program argument`, `vault:mount/path#field`, or an address without a password. Default: a SQLite file.",
  );

function isReference(text: string): boolean {
  return /^(?:env|file|cmd|vault):\S/u.test(text);
}

function isOpenAddress(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^postgres(?:ql)?:$/u.test(url.protocol) &&
    url.password === "" &&
    !url.searchParams.has("password")
  );
}

export const store = z.strictObject({
  durability: z
    .enum(["full", "normal"])
    .optional()
    .describe("`full` survives a power cut; `normal` is faster and may lose the last writes."),
  url: databaseUrl.optional(),
  project: z
    .string()
    .max(120)
    .regex(
      /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*){0,3}$/u,
      "A project has small letters, digits, `.`, `_`, `-` and up to three `/`",
    )
    .optional()
    .describe("The project's name in a database. Default: `owner/name` of the remote `origin`."),
  connections: z
    .int()
    .min(1)
    .max(500)
    .optional()
    .describe("The most connections to a database that one process opens. Default: 20."),
  statement_seconds: z
    .int()
    .min(1)
    .max(600)
    .optional()
    .describe("How long a database may work on one statement. Default: 30."),
});

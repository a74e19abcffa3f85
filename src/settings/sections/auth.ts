import { z } from "zod";

const role = z.enum(["viewer", "agent", "reviewer", "manager", "admin"]);

const claim = z.string().min(1).max(200);

const algorithm = z.enum([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
]);

const webAddress = z.url({
  protocol: /^https?$/u,
  error: "An address begins with `https://`, or with `http://` on this machine",
});

const providerAddress = webAddress.max(2_000);

const oidc = z.strictObject({
  issuer: providerAddress.describe(
    "The identity provider, exactly as it names itself in its tokens; https, or http on this machine.",
  ),
  audience: z.string().min(1).max(500).describe("This server, as the provider names it in `aud`."),
  jwks_uri: providerAddress
    .optional()
    .describe("Where the provider's keys are. Default: as its discovery document says."),
  algorithms: z
    .array(algorithm)
    .min(1)
    .max(11)
    .optional()
    .describe("The signatures that count. Default: all with a public key."),
  skew_seconds: z
    .int()
    .min(0)
    .max(60)
    .optional()
    .describe("How far the clocks may be apart. Default: 30."),
  role_claim: claim
    .optional()
    .describe("The claim that tells roles, with `.` for a claim inside of one. Default: roles."),
  roles: z
    .record(z.string().min(1).max(200), role)
    .describe("The role for each value of that claim; the highest counts, none is no way in."),
  project_claim: claim
    .optional()
    .describe("The claim that tells projects. Default: the one that tells roles."),
  projects: z
    .record(z.string().min(1).max(200), z.array(z.string().min(1).max(120)).max(1_000))
    .optional()
    .describe("The projects for each value of that claim. Default: all of the server."),
});

/** The section `auth`: who may call `skein serve`. */
export const auth = z
  .strictObject({
    tokens: z.boolean().optional().describe("Whether personal tokens count. Default: true."),
    oidc: oidc.optional().describe("The identity provider whose tokens count, too."),
    public_url: webAddress
      .max(1_000)
      .optional()
      .describe("Where callers reach the server, as https://skein.example.com."),
    allowed_hosts: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9.:[\]-]{1,255}$/u, "A host is `name` or `name:port`, in small letters"),
      )
      .max(50)
      .optional()
      .describe("The `Host` headers that are answered, besides this machine's own names."),
    allowed_origins: z
      .array(
        z
          .string()
          .regex(
            /^https?:\/\/[a-z0-9.:[\]-]{1,255}$/u,
            "An origin is `https://name`, without a path",
          ),
      )
      .max(50)
      .optional()
      .describe("The pages whose browsers may call, as https://board.example.com."),
    quotas: z
      .strictObject({
        requests_per_minute: z
          .int()
          .min(1)
          .max(10_000_000)
          .optional()
          .describe("How many requests one caller may make. Default: 12000."),
        burst: z
          .int()
          .min(1)
          .max(1_000_000)
          .optional()
          .describe("How many of them at once. Default: 1000."),
      })
      .optional(),
  })
  .describe("Who may call `skein serve`; in a repository it counts with `skein serve --auth`.");

import type { SettingsFile } from "./schema.ts";

type Written = NonNullable<SettingsFile["auth"]>;
type WrittenOidc = NonNullable<Written["oidc"]>;

/** Who may call a server. */
export interface AuthSettings {
  /** Whether personal tokens count. */
  readonly tokens: boolean;
  readonly oidc: OidcSettings | null;
  /** Where callers reach the server, without a slash at its end; null: as they say in `Host`. */
  readonly publicUrl: string | null;
  /** `Host` headers that are answered, besides the machine's own names. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages whose browsers may call. */
  readonly allowedOrigins: readonly string[];
  readonly quotas: { readonly perMinute: number; readonly burst: number };
}

/** An identity provider, and what its claims mean here. */
export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Null: as the discovery document says. */
  readonly jwksUri: string | null;
  /** Null: all with a public key. */
  readonly algorithms: WrittenOidc["algorithms"] | null;
  readonly skewSeconds: number;
  readonly roleClaim: string;
  /** By value of the claim. */
  readonly roles: Readonly<Record<string, WrittenOidc["roles"][string]>>;
  readonly projectClaim: string;
  /** By value of the claim; null: all of the server. */
  readonly projects: Readonly<Record<string, readonly string[]>> | null;
}

/** Null where the file says nothing: then only the secret of the machine itself counts. */
export function toAuth(written: Written | undefined): AuthSettings | null {
  if (written === undefined) {
    return null;
  }
  const { tokens = true, oidc } = written;
  const { allowed_hosts: allowedHosts = [], allowed_origins: allowedOrigins = [] } = written;
  return {
    tokens,
    oidc: oidc === undefined ? null : toOidc(oidc),
    publicUrl: written.public_url?.replace(/\/+$/u, "") ?? null,
    allowedHosts,
    allowedOrigins,
    quotas: toQuotas(written.quotas ?? {}),
  };
}

const usualQuotas = { perMinute: 12_000, burst: 1_000 } as const;

function toQuotas(written: NonNullable<Written["quotas"]>): AuthSettings["quotas"] {
  const { requests_per_minute: perMinute = usualQuotas.perMinute, burst = usualQuotas.burst } =
    written;
  return { perMinute, burst };
}

function toOidc(written: WrittenOidc): OidcSettings {
  const { role_claim: roleClaim = "roles" } = written;
  return {
    issuer: written.issuer,
    audience: written.audience,
    jwksUri: written.jwks_uri ?? null,
    algorithms: written.algorithms ?? null,
    skewSeconds: written.skew_seconds ?? 30,
    roleClaim,
    roles: written.roles,
    projectClaim: written.project_claim ?? roleClaim,
    projects: written.projects ?? null,
  };
}

import { createOidcVerifier, signatureAlgorithms } from "../../adapters/identity/index.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isLoopbackName } from "../../core/base/loopback.ts";
import type { ProjectServer } from "../../compose-projects.ts";
import type { Skein } from "../../core/index.ts";
import type { AuthSettings, OidcSettings } from "../../settings.ts";
import { httpErrors } from "../errors.ts";
import { createGate } from "./create-gate.ts";
import type { OidcGate } from "./create-gate.ts";
import type { Gate } from "./gate.ts";

export interface OpenGateOptions {
  readonly token: string;
  readonly person: string;
  /** Who may come in besides; null: nobody. */
  readonly auth: AuthSettings | null;
  readonly projects: Pick<ProjectServer, "open">;
}

/** The gate that the settings ask for. @throws {SkeinError} SKN-2911 for an identity provider that cannot be used. */
export function openGate({ token, person, auth, projects }: OpenGateOptions): Gate {
  const { allowedHosts, allowedOrigins, quotas, publicUrl, oidc, tokens } = auth ?? nothingSaid;
  return createGate({
    loopback: { token, person },
    names: { hosts: allowedHosts, origins: allowedOrigins },
    quotas,
    projectOf: tokens ? async (name) => skeinOf(projects, name) : null,
    oidc: oidc === null ? null : oidcOf(oidc),
    publicUrl,
    clock: systemTimer,
  });
}

/** Personal tokens are given by people of the project alone, so that they count wherever the server can be reached. */
const nothingSaid: AuthSettings = {
  tokens: true,
  oidc: null,
  publicUrl: null,
  allowedHosts: [],
  allowedOrigins: [],
  quotas: { perMinute: 12_000, burst: 1_000 },
};

/** A repository's own file opens under any name; an address means one project. */
async function skeinOf(projects: Pick<ProjectServer, "open">, name: string): Promise<Skein | null> {
  try {
    const served = await projects.open(name);
    return served.name === name ? served.skein : null;
  } catch (error) {
    if (error instanceof SkeinError && (error.kind === "missing" || error.kind === "usage")) {
      return null;
    }
    throw error;
  }
}

function oidcOf(settings: OidcSettings): OidcGate {
  const { issuer, audience, jwksUri, algorithms, skewSeconds } = settings;
  return {
    issuer,
    rules: settings,
    verifier: createOidcVerifier(
      { issuer, audience, jwksUri, skewSeconds, algorithms: algorithms ?? signatureAlgorithms },
      { wallClock: { nowMs: () => Date.now() }, clock: systemTimer },
    ),
  };
}

/**
 * Refuses to listen where others can reach the server without identities that were set up for it, or under a name that nobody gave.
 * @throws {SkeinError} SKN-8931
 */
export function refuseOpenBind(host: string, auth: AuthSettings | null): void {
  if (isLoopbackName(host)) {
    return;
  }
  const hasIdentities = auth !== null && (auth.tokens || auth.oidc !== null);
  if (!hasIdentities) {
    throw new SkeinError(httpErrors.openBind, { facts: { host } });
  }
  if (auth.allowedHosts.length === 0) {
    throw new SkeinError(httpErrors.openBind, {
      message: "The settings name no `Host` under which others may call.",
      fix: "Write the server's names into `auth.allowed_hosts`.",
      facts: { host },
    });
  }
}

import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { JWTPayload, ProtectedHeaderParameters } from "jose";
import type { Clock } from "../../core/base/clock.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { parseProviderAddress } from "./address.ts";
import { identityErrors } from "./errors.ts";
import { checkKeys, createKeyRing } from "./key-ring.ts";
import type { ReadJson } from "./read-json.ts";
import { readJson } from "./read-json.ts";

/** Signatures that are made with a private key and checked with a public one. `none` and shared secrets are not among them. */
export const signatureAlgorithms = [
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
] as const;

export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

export interface OidcOptions {
  /** Exactly as in the tokens. */
  readonly issuer: string;
  /** This server, as the provider names it in `aud`. */
  readonly audience: string;
  /** Null: as the issuer's discovery document says. */
  readonly jwksUri: string | null;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** How far the clocks of server and provider may be apart, at most 60 seconds. */
  readonly skewSeconds: number;
}

export interface OidcDeps {
  /** The time of day, in which tokens say when they end. */
  readonly wallClock: Clock;
  /** A clock that never jumps, by which keys grow old. */
  readonly clock: Clock;
  /** Default: over the network. */
  readonly readJson?: ReadJson | undefined;
}

/** What a checked token says: its issuer, audience, time and signature are as they should be. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** All that it says; the values are the provider's own. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface OidcVerifier {
  /** @throws {SkeinError} SKN-3911 when it is not accepted, SKN-791x while the provider's keys cannot be read. */
  verify(token: string): Promise<Identity>;
  /** Makes sure that a token which was verified before has not ended since; no key is asked for. @throws {SkeinError} SKN-3911. */
  ensureCurrent(token: string): void;
}

/** The longest token that is looked at, in characters. */
const longestToken = 8_192;

/** Access tokens say one of these of themselves, or nothing. Other kinds (sign-out, proofs of possession) are no way in. */
const kinds: ReadonlySet<string> = new Set(["jwt", "at+jwt", "application/at+jwt"]);

/** Checks the tokens of one provider for one audience. @throws {SkeinError} SKN-2911 for an address that cannot be used. */
export function createOidcVerifier(options: OidcOptions, deps: OidcDeps): OidcVerifier {
  const { issuer, jwksUri } = options;
  parseProviderAddress(issuer);
  const ring = createKeyRing({
    issuer,
    jwksUri,
    clock: deps.clock,
    readJson: deps.readJson ?? readJson,
  });
  return {
    verify: async (token) => {
      checkHeader(token, options);
      const nowMs = deps.wallClock.nowMs();
      try {
        const { payload } = await jwtVerify(token, ring.keyOf, {
          issuer,
          audience: options.audience,
          algorithms: [...options.algorithms],
          clockTolerance: Math.min(60, options.skewSeconds),
          requiredClaims: ["exp", "sub", "iss", "aud"],
          currentDate: new Date(nowMs),
        });
        checkClaims(payload, nowMs / 1_000 + Math.min(60, options.skewSeconds));
        return { issuer, subject: payload.sub ?? "", claims: payload };
      } catch (error) {
        throw asKnown(error);
      }
    },
    ensureCurrent: (token) => {
      const { exp } = decodeJwt(token);
      const latestSeconds = deps.wallClock.nowMs() / 1_000 - Math.min(60, options.skewSeconds);
      if (exp === undefined || exp <= latestSeconds) {
        refuse("It has expired.");
      }
    },
  };
}

/** What makes a token hopeless is told before any key is asked for. */
function checkHeader(token: string, { algorithms }: OidcOptions): void {
  const header = token.length > longestToken ? null : headerOf(token);
  if (header === null) {
    refuse("It is no signed token.");
  }
  const { alg = "", kid, typ } = header;
  if (!algorithms.some((allowed) => allowed === alg)) {
    refuse("It is signed in a way that does not count here.");
  }
  if (typeof kid !== "string" || kid === "" || kid.length > 256) {
    refuse("It does not name the key that signed it.");
  }
  if (typ !== undefined && !isKind(typ)) {
    refuse("It is a token of another kind.");
  }
}

/** What a stranger wrote there may be anything. */
function isKind(typ: unknown): boolean {
  return typeof typ === "string" && kinds.has(typ.toLowerCase());
}

function headerOf(token: string): ProtectedHeaderParameters | null {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/u.test(token)) {
    return null;
  }
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

function checkClaims({ sub = "", iat, cnf }: JWTPayload, latestSeconds: number): void {
  if (typeof sub !== "string" || sub === "" || sub.length > 1_000) {
    refuse("It does not say whose it is.");
  }
  if (iat !== undefined && iat > latestSeconds) {
    refuse("It was made in the future.");
  }
  if (cnf !== undefined) {
    // Whoever shows it would have to prove more than that they have it.
    refuse("It is bound to a key that nobody showed.");
  }
}

function refuse(message: string): never {
  throw new SkeinError(identityErrors.badToken, { message });
}

/** Why a token is refused is told in our own words: none of the token's text stands in them. */
function asKnown(error: unknown): unknown {
  if (error instanceof SkeinError) {
    return error;
  }
  if (error instanceof errors.JWTExpired) {
    return new SkeinError(identityErrors.badToken, { message: "It has expired.", cause: error });
  }
  return error instanceof errors.JOSEError
    ? new SkeinError(identityErrors.badToken, {
        message: "It is not valid here.",
        facts: { reason: error.code },
        cause: error,
      })
    : error;
}

/** Tells whether a provider answers and has keys for signatures. @throws {SkeinError} SKN-2911, SKN-791x. */
export async function checkProvider({
  issuer,
  jwksUri,
}: Pick<OidcOptions, "issuer" | "jwksUri">): Promise<void> {
  parseProviderAddress(issuer);
  await checkKeys({ issuer, jwksUri, readJson, clock: { nowMs: () => 0 } });
}

import { createLocalJWKSet, errors } from "jose";
import type { JSONWebKeySet, JWK, JWTVerifyGetKey } from "jose";
import type { Clock } from "../../core/base/clock.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isLoopbackName } from "../../core/base/loopback.ts";
import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import { parseProviderAddress } from "./address.ts";
import { identityErrors } from "./errors.ts";
import type { ReadJson } from "./read-json.ts";

export interface KeyRingDeps {
  readonly issuer: string;
  /** Where the keys are; null: where the issuer's discovery document says. */
  readonly jwksUri: string | null;
  readonly readJson: ReadJson;
  /** A clock that never jumps. */
  readonly clock: Clock;
}

/** The public keys of an identity provider, read again as they change. */
export interface KeyRing {
  /** Finds the key of a token. @throws {SkeinError} SKN-7911 and SKN-7912 while none can be read. */
  readonly keyOf: JWTVerifyGetKey;
}

/** Keys are read again after this, so that one that was withdrawn stops counting: 10 minutes. */
export const keepKeysMs = 600_000;

/** A key that is not known makes the keys be read again, but no more often than this: forged tokens make no traffic. */
export const coolDownMs = 30_000;

/** For how long keys count on while the provider cannot be reached: a day. */
export const keepOldKeysMs = 86_400_000;

type Keys = ReturnType<typeof createLocalJWKSet>;

interface Read {
  readonly keys: Keys;
  readonly atMs: number;
}

export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const reader = createReader(deps);
  return {
    keyOf: async (header, token) => {
      const { keys } = await reader.current();
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || !reader.mayTry()) {
          throw error;
        }
        const fresh = await reader.read();
        return fresh.keys(header, token);
      }
    },
  };
}

interface Reader {
  /** The keys as they were read last, read anew where they are too old. */
  current(): Promise<Read>;
  /** Reads them now, once for all who ask meanwhile. */
  read(): Promise<Read>;
  /** False shortly after the last try. */
  mayTry(): boolean;
}

function createReader(deps: KeyRingDeps): Reader {
  const { clock } = deps;
  let known: Read | null = null;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<Read> | null = null;

  const mayTry = (): boolean => clock.nowMs() - triedAtMs >= coolDownMs;

  const read = async (): Promise<Read> => {
    if (reading === null) {
      triedAtMs = clock.nowMs();
      reading = readKeys(deps).finally(() => {
        reading = null;
      });
    }
    known = await reading;
    return known;
  };

  const current = async (): Promise<Read> => {
    const last = known;
    const ageMs = last === null ? Number.POSITIVE_INFINITY : clock.nowMs() - last.atMs;
    if (last !== null && ageMs < (mayTry() ? keepKeysMs : keepOldKeysMs)) {
      return last;
    }
    if (reading === null && !mayTry()) {
      return refuse(triedAtMs + coolDownMs - clock.nowMs());
    }
    return read().catch((error: unknown) => {
      if (last !== null && ageMs < keepOldKeysMs) {
        return last;
      }
      throw error;
    });
  };

  return { current, read, mayTry };
}

function refuse(retryAfterMs: number): never {
  throw new SkeinError(identityErrors.noKeys, { retryAfterMs });
}

/** Reads a provider's keys now, to see that it can be done. @throws {SkeinError} SKN-2911, SKN-791x. */
export async function checkKeys(deps: KeyRingDeps): Promise<void> {
  await readKeys(deps);
}

async function readKeys(deps: KeyRingDeps): Promise<Read> {
  const uri = await keysAddress(deps);
  try {
    const set = parseKeys(await deps.readJson(uri));
    return { keys: createLocalJWKSet(set), atMs: deps.clock.nowMs() };
  } catch (cause) {
    throw new SkeinError(identityErrors.noKeys, {
      message: `The keys at ${uri.href} cannot be read.`,
      facts: { keys: uri.href },
      retryAfterMs: coolDownMs,
      cause,
    });
  }
}

/** Keys on this machine count only for an issuer on this machine: a provider elsewhere does not send the server to a service here. */
async function keysAddress({ issuer, jwksUri, readJson }: KeyRingDeps): Promise<URL> {
  const home = parseProviderAddress(issuer);
  const uri = parseProviderAddress(jwksUri ?? (await discover(issuer, readJson)));
  if (isLoopbackName(uri.hostname) && !isLoopbackName(home.hostname)) {
    throw new SkeinError(identityErrors.badIssuer, {
      message: `The keys of ${home.origin} are said to be on this machine.`,
    });
  }
  return uri;
}

async function discover(issuer: string, readJson: ReadJson): Promise<string> {
  const place = new URL(`${issuer.replace(/\/$/u, "")}/.well-known/openid-configuration`);
  const found = await readJson(place).catch((cause: unknown) => {
    throw new SkeinError(identityErrors.badDiscovery, {
      message: `${place.href} cannot be read.`,
      facts: { issuer },
      retryAfterMs: coolDownMs,
      cause,
    });
  });
  const named = isLooseObject(found) ? ownText(found, "issuer") : null;
  const uri = isLooseObject(found) ? ownText(found, "jwks_uri") : null;
  if (named !== issuer || uri === null) {
    throw new SkeinError(identityErrors.badDiscovery, {
      message: `${place.href} is of another issuer, or names no keys.`,
      facts: { issuer },
      retryAfterMs: coolDownMs,
    });
  }
  return uri;
}

const mostKeys = 100;
const publicKinds: ReadonlySet<string> = new Set(["RSA", "EC", "OKP"]);

/** Only public keys for signatures that have a name: a shared secret among them must never become a key. */
function parseKeys(value: unknown): JSONWebKeySet {
  const list: unknown = isLooseObject(value) ? ownValue(value, "keys") : null;
  const keys = Array.isArray(list) ? list.slice(0, mostKeys).filter(isSignatureKey) : [];
  if (keys.length === 0) {
    throw new Error("there is no key for signatures among them");
  }
  return { keys };
}

function isSignatureKey(value: unknown): value is JWK {
  if (!isLooseObject(value)) {
    return false;
  }
  const use = ownText(value, "use");
  return (
    publicKinds.has(ownText(value, "kty") ?? "") &&
    (use === null || use === "sig") &&
    (ownText(value, "kid") ?? "") !== "" &&
    !Object.hasOwn(value, "d")
  );
}

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { CryptoKey, JWK } from "jose";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createOidcVerifier, signatureAlgorithms } from "../../../src/adapters/identity/index.ts";
import type { Identity, OidcOptions, OidcVerifier } from "../../../src/adapters/identity/index.ts";

const issuer = "https://login.example.com/realm";
const audience = "https://skein.example";

interface Key {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function aKey(kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" } };
}

let first: Key;
let second: Key;

beforeAll(async () => {
  [first, second] = await Promise.all([aKey("one"), aKey("two")]);
});

/** A provider that a test turns by hand. */
let documents: Record<string, unknown>;
let reads: string[];
let isAway: boolean;
let nowMs: number;

beforeEach(() => {
  documents = {
    [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/keys` },
    [`${issuer}/keys`]: { keys: [first.jwk] },
  };
  reads = [];
  isAway = false;
  nowMs = 0;
});

const dayMs = 1_700_000_000_000;

function aVerifier(odd: Partial<OidcOptions> = {}): OidcVerifier {
  return createOidcVerifier(
    {
      issuer,
      audience,
      jwksUri: null,
      algorithms: signatureAlgorithms,
      skewSeconds: 30,
      ...odd,
    },
    {
      wallClock: { nowMs: () => dayMs + nowMs },
      clock: { nowMs: () => nowMs },
      readJson: async ({ href }) => {
        reads.push(href);
        if (isAway || !Object.hasOwn(documents, href)) {
          throw new Error("away");
        }
        return Promise.resolve(documents[href]);
      },
    },
  );
}

async function signed({ privateKey, jwk }: Key, kid = jwk.kid ?? ""): Promise<string> {
  const seconds = Math.floor((dayMs + nowMs) / 1_000);
  return new SignJWT({ iss: issuer, aud: audience, sub: "ada", exp: seconds + 60 })
    .setProtectedHeader({ alg: "ES256", kid })
    .sign(privateKey);
}

async function codeOf(promise: Promise<Identity>): Promise<string> {
  return promise.then(
    ({ subject }) => subject,
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "?"),
  );
}

describe("createOidcVerifier", () => {
  test("reads the provider's keys once for many tokens", async () => {
    const verifier = aVerifier();
    const token = await signed(first);

    const subjects = await Promise.all(
      Array.from({ length: 20 }, async () => codeOf(verifier.verify(token))),
    );

    expect(new Set(subjects)).toEqual(new Set(["ada"]));
    expect(reads).toHaveLength(2);
  });

  test("tells, without a key, that a token which was verified has ended since", async () => {
    const verifier = aVerifier();
    const token = await signed(first);
    await verifier.verify(token);
    isAway = true;
    nowMs += 89_000;

    expect(() => {
      verifier.ensureCurrent(token);
    }).not.toThrow();
    nowMs += 2_000;
    expect(() => {
      verifier.ensureCurrent(token);
    }).toThrow(expect.objectContaining({ code: "SKN-3911" }));
  });

  test("takes up a new key when a token names it, and lets go of an old one", async () => {
    const verifier = aVerifier();
    await verifier.verify(await signed(first));
    nowMs += 31_000;
    documents[`${issuer}/keys`] = { keys: [second.jwk] };

    const fresh = await codeOf(verifier.verify(await signed(second)));
    const old = await codeOf(verifier.verify(await signed(first)));

    expect([fresh, old]).toEqual(["ada", "SKN-3911"]);
  });

  test("asks for keys at most every 30 seconds, however many unknown ones are named", async () => {
    const verifier = aVerifier();
    await verifier.verify(await signed(first));
    const before = reads.length;

    for (let number = 0; number < 200; number += 1) {
      nowMs += 1_000;
      const token = await signed(second, `forged-${String(number)}`);
      expect(await codeOf(verifier.verify(token))).toBe("SKN-3911");
    }

    // Each reading is two documents: 200 seconds have room for 7.
    expect(reads.length - before).toBeLessThanOrEqual(14);
    expect(reads.length).toBeGreaterThan(before);
  });

  test("drops a key that the provider withdrew, after ten minutes at the latest", async () => {
    const verifier = aVerifier();
    await verifier.verify(await signed(first));
    documents[`${issuer}/keys`] = { keys: [second.jwk] };

    nowMs += 599_000;
    const before = await codeOf(verifier.verify(await signed(first)));
    nowMs += 2_000;
    const after = await codeOf(verifier.verify(await signed(first)));

    expect([before, after]).toEqual(["ada", "SKN-3911"]);
  });

  test("goes on with the keys it has while the provider is away, for a day", async () => {
    const verifier = aVerifier();
    await verifier.verify(await signed(first));
    isAway = true;

    nowMs += 3_600_000;
    const hour = await codeOf(verifier.verify(await signed(first)));
    nowMs += 86_400_000;
    const day = await codeOf(verifier.verify(await signed(first)));

    expect([hour, day]).toEqual(["ada", "SKN-7911"]);
  });

  test("says that the provider is away, and tries again after the cool-down", async () => {
    isAway = true;
    const verifier = aVerifier();
    const token = await signed(first);

    const away = await codeOf(verifier.verify(token));
    const still = await codeOf(verifier.verify(token));
    const tried = reads.length;
    isAway = false;
    nowMs += 31_000;

    expect([away, still]).toEqual(["SKN-7911", "SKN-7912"]);
    expect(tried).toBe(1);
    expect(await codeOf(verifier.verify(await signed(first)))).toBe("ada");
  });

  test.each([
    ["another issuer", { issuer: "https://evil.example", jwks_uri: `${issuer}/keys` }, "SKN-7911"],
    ["no keys", { issuer }, "SKN-7911"],
    ["keys without TLS", { issuer, jwks_uri: "http://login.example.com/keys" }, "SKN-2911"],
    ["keys on this machine", { issuer, jwks_uri: "http://127.0.0.1:80/keys" }, "SKN-2911"],
    ["keys on this machine by https", { issuer, jwks_uri: "https://localhost/keys" }, "SKN-2911"],
    ["keys in a file", { issuer, jwks_uri: "file:///etc/passwd" }, "SKN-2911"],
    ["keys with a password", { issuer, jwks_uri: "https://a:b@login.example.com/k" }, "SKN-2911"],
    ["a list", [], "SKN-7911"],
  ])("refuses a discovery that names %s", async (_, document, code) => {
    documents[`${issuer}/.well-known/openid-configuration`] = document;

    expect(await codeOf(aVerifier().verify(await signed(first)))).toBe(code);
    expect(reads).toHaveLength(1);
  });

  test.each([
    ["nothing", null],
    ["a shared secret", { keys: [{ kty: "oct", k: "c2VjcmV0", kid: "one", use: "sig" }] }],
    ["a key for encryption", () => ({ keys: [{ ...first.jwk, use: "enc" }] })],
    ["a key without a name", () => ({ keys: [{ ...first.jwk, kid: undefined }] })],
  ])("takes %s for no key", async (_, given) => {
    documents[`${issuer}/keys`] = typeof given === "function" ? given() : given;

    expect(await codeOf(aVerifier().verify(await signed(first)))).toBe("SKN-7912");
  });

  test("accepts only the algorithms that the settings leave", async () => {
    const token = await signed(first);

    expect(await codeOf(aVerifier({ algorithms: ["RS256"] }).verify(token))).toBe("SKN-3911");
    expect(await codeOf(aVerifier({ algorithms: ["ES256"] }).verify(token))).toBe("ada");
  });

  test("bears a difference of clocks of at most a minute, whatever the settings say", async () => {
    const verifier = aVerifier({ skewSeconds: 3_600 });
    const token = await signed(first);
    await verifier.verify(token);

    nowMs += 119_000;
    const near = await codeOf(verifier.verify(token));
    nowMs += 2_000;

    expect(near).toBe("ada");
    expect(await codeOf(verifier.verify(token))).toBe("SKN-3911");
  });

  test.each([
    "http://login.example.com",
    "ftp://login.example.com",
    "https://a@login.example.com",
    "https://login.example.com/?a=b",
    "https://login.example.com/#x",
    "login.example.com",
    "",
  ])("cannot be made for the issuer %j", (address) => {
    expect(() => aVerifier({ issuer: address })).toThrow(
      expect.objectContaining({ code: "SKN-2911" }),
    );
  });
});

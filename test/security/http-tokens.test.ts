import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, importJWK } from "jose";
import type { CryptoKey } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import type { Role } from "../../src/core/access/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";
import { audience, startIdentityProvider } from "../support/identity-provider.ts";
import type { IdentityProvider, Signing } from "../support/identity-provider.ts";

let provider: IdentityProvider;
let other: IdentityProvider;
let stand: HttpStand;
let strangeKey: CryptoKey;

beforeAll(async () => {
  [provider, other] = await Promise.all([startIdentityProvider(), startIdentityProvider()]);
  strangeKey = (await generateKeyPair("RS256")).privateKey;
  stand = await createHttpStand({
    commands: createCommandRunner(),
    auth: {
      tokens: true,
      oidc: {
        issuer: provider.issuer,
        audience,
        jwksUri: null,
        algorithms: null,
        skewSeconds: 30,
        roleClaim: "roles",
        roles: { "skein-agent": "agent", "skein-manager": "manager", "skein-viewer": "viewer" },
        projectClaim: "roles",
        projects: {
          "skein-agent": ["local"],
          "skein-manager": ["local"],
          "skein-viewer": ["elsewhere"],
        },
      },
      publicUrl: null,
      allowedHosts: [],
      allowedOrigins: [],
      quotas: { perMinute: 100_000, burst: 10_000 },
    },
  });
});

afterAll(async () => {
  await Promise.all([provider.close(), other.close(), stand.close()]);
});

async function lookWith(authorization: string): Promise<HttpAnswer> {
  return stand.call("look", { at: "board" }, { authorization });
}

async function personalToken(role: Role, expiresInMs: number | null = null): Promise<string> {
  const { skein } = stand.repository.project;
  const { text } = await skein.store.write((tx) =>
    skein.access.tokens.create(tx, { role, by: "person:eve", expiresInMs }),
  );
  return text;
}

const now = (): number => Math.floor(Date.now() / 1_000);

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function unsigned(header: unknown, claims: unknown, signature = ""): string {
  return `${part(header)}.${part(claims)}.${signature}`;
}

function goodClaims(): Readonly<Record<string, unknown>> {
  const [iat, exp] = [now(), now() + 600];
  return { iss: provider.issuer, aud: audience, sub: "ada", iat, exp, roles: ["skein-manager"] };
}

/** Signed with the provider's public key as if that were a shared secret: the oldest trick of all. */
async function swapped(alg: "HS256" | "HS384" | "HS512", secret: string): Promise<string> {
  const text = unsigned({ alg, kid: "first", typ: "at+jwt" }, goodClaims()).slice(0, -1);
  const mac = createHmac(`sha${alg.slice(2)}`, secret)
    .update(text)
    .digest("base64url");
  return `${text}.${mac}`;
}

type Make = () => Promise<string> | string;

const signings: readonly (readonly [string, () => Signing])[] = [
  ["another audience", () => ({ claims: { aud: "https://other.example" } })],
  ["the issuer as audience", () => ({ claims: { aud: provider.issuer } })],
  ["no audience", () => ({ claims: { aud: undefined } })],
  ["an empty list of audiences", () => ({ claims: { aud: [] } })],
  ["an audience that begins alike", () => ({ claims: { aud: `${audience}x` } })],
  ["an audience in other letters", () => ({ claims: { aud: audience.toUpperCase() } })],
  ["another issuer", () => ({ claims: { iss: "https://evil.example" } })],
  ["an issuer with a slash more", () => ({ claims: { iss: `${provider.issuer}/` } })],
  ["no issuer", () => ({ claims: { iss: undefined } })],
  ["a list of issuers", () => ({ claims: { iss: [provider.issuer] } })],
  ["an end that is past", () => ({ claims: { exp: now() - 31 } })],
  ["an end a day ago", () => ({ claims: { exp: now() - 86_400 } })],
  ["no end", () => ({ claims: { exp: undefined } })],
  ["an end that is no number", () => ({ claims: { exp: "tomorrow" } })],
  ["an end that is null", () => ({ claims: { exp: null } })],
  ["a beginning in the future", () => ({ claims: { nbf: now() + 300 } })],
  ["a making in the future", () => ({ claims: { iat: now() + 300 } })],
  ["no subject", () => ({ claims: { sub: undefined } })],
  ["an empty subject", () => ({ claims: { sub: "" } })],
  ["a subject that is a number", () => ({ claims: { sub: 7 } })],
  ["a proof of possession that is missing", () => ({ claims: { cnf: { jkt: "abc" } } })],
  ["no role", () => ({ claims: { roles: undefined } })],
  ["an empty list of roles", () => ({ claims: { roles: [] } })],
  ["a role that the settings do not name", () => ({ claims: { roles: ["root"] } })],
  ["a role by Skein's own name", () => ({ claims: { roles: ["admin"] } })],
  [
    "a role by the name of a prototype",
    () => ({ claims: { roles: ["__proto__", "constructor"] } }),
  ],
  ["roles as an object", () => ({ claims: { roles: { "skein-manager": true } } })],
  ["a role of another project", () => ({ claims: { roles: ["skein-viewer"] } })],
  ["a key that is not known", () => ({ header: { kid: "second" } })],
  ["no name of a key", () => ({ header: { kid: undefined } })],
  ["an empty name of a key", () => ({ header: { kid: "" } })],
  ["a path as the name of a key", () => ({ header: { kid: "../../../../dev/null" } })],
  ["a statement as the name of a key", () => ({ header: { kid: "' OR 1=1 --" } })],
  ["a stranger's key under a known name", () => ({ key: strangeKey })],
  ["a stranger's key that it brings along", () => ({ key: strangeKey, header: { jwk: {} } })],
  ["a stranger's key at an address", () => ({ key: strangeKey, header: { jku: other.issuer } })],
  ["the kind of a sign-out", () => ({ header: { typ: "logout+jwt" } })],
  ["the kind of a proof", () => ({ header: { typ: "dpop+jwt" } })],
  ["a kind that is a number", () => ({ header: { typ: 1 } })],
  ["a kind that is a list", () => ({ header: { typ: ["at+jwt"] } })],
  ["a header that must be understood", () => ({ header: { crit: ["x"], x: 1 } })],
  ["a text that is far too long", () => ({ claims: { pad: "x".repeat(7_000) } })],
];

const others: readonly (readonly [string, Make])[] = [
  [
    "no signature, said in small letters",
    () => unsigned({ alg: "none", kid: "first" }, goodClaims()),
  ],
  ["no signature, said in capitals", () => unsigned({ alg: "NONE", kid: "first" }, goodClaims())],
  [
    "no signature, said in mixed letters",
    () => unsigned({ alg: "nOnE", kid: "first" }, goodClaims()),
  ],
  ["no algorithm", () => unsigned({ kid: "first" }, goodClaims(), "AAAA")],
  [
    "an empty signature",
    async () => `${(await provider.sign()).split(".").slice(0, 2).join(".")}.`,
  ],
  ["the public key as a secret", async () => swapped("HS256", JSON.stringify(provider.publicJwk))],
  [
    "the public key's text as a secret",
    async () => {
      const key = await importJWK(provider.publicJwk, "RS256", { extractable: true });
      return swapped("HS256", key instanceof Uint8Array ? "" : await exportSPKI(key));
    },
  ],
  ["an empty secret", async () => swapped("HS512", "")],
  ["the modulus as a secret", async () => swapped("HS384", provider.publicJwk.n ?? "")],
  ["another provider's token", async () => other.clientToken(["skein-manager"])],
  ["another provider's key under this issuer", async () => other.sign({ claims: goodClaims() })],
  [
    "claims that were changed afterwards",
    async () => {
      const [header, , signature] = (await provider.sign()).split(".");
      const claims = Buffer.from(JSON.stringify(goodClaims())).toString("base64url");
      return `${header ?? ""}.${claims}.${signature ?? ""}`;
    },
  ],
  ["a signature with a changed letter", async () => flipped(await provider.sign())],
  ["two signatures in one text", async () => `${await provider.sign()}.${await provider.sign()}`],
  ["an encrypted token's five parts", () => "a.b.c.d.e"],
  ["points alone", () => ".."],
  [
    "a private key of its own in the header",
    async () => {
      const { privateKey } = await generateKeyPair("ES256", { extractable: true });
      const jwk = await exportJWK(privateKey);
      return provider.sign({ key: privateKey, header: { alg: "ES256", jwk } });
    },
  ],
  [
    "a personal token that was revoked",
    async () => {
      const text = await personalToken("admin");
      const { skein } = stand.repository.project;
      await lookWith(`Bearer ${text}`);
      const all = await skein.store.read((reader) => skein.access.tokens.list(reader));
      const last = all.at(-1)?.id ?? "t1";
      await skein.store.write((tx) => skein.access.tokens.revoke(tx, last, "person:eve"));
      return text;
    },
  ],
  [
    "a personal token whose time is over",
    async () => {
      const text = await personalToken("admin", 60_000);
      const { skein } = stand.repository.project;
      await skein.store.write((tx) =>
        tx.run(
          "UPDATE access_tokens SET expires_at_ms = 1 WHERE project = ? AND name LIKE 'admin%'",
          [tx.project],
        ),
      );
      return text;
    },
  ],
  [
    "a personal token of another project",
    async () => (await personalToken("admin")).replace("skein_local_", "skein_other_"),
  ],
  ["a personal token with a changed letter", async () => flipped(await personalToken("admin"))],
  [
    "the hash of the machine's own secret",
    () => createHmac("sha256", "").update(stand.token).digest("hex"),
  ],
];

function flipped(text: string): string {
  const at = text.length - 10;
  return text.slice(0, at) + (text[at] === "a" ? "b" : "a") + text.slice(at + 1);
}

describe("tokens over HTTP", () => {
  test("a token of a real provider opens the project in its role, asked for by a client", async () => {
    const token = await provider.clientToken(["skein-agent"]);

    const looked = await lookWith(`Bearer ${token}`);
    const claimed = await stand.call(
      "claim_files",
      { paths: ["src/a.ts"] },
      { authorization: `Bearer ${token}` },
    );
    const proposed = await stand.call(
      "propose_plan",
      { plan: "p", tasks: [] },
      { authorization: `Bearer ${token}` },
    );

    expect(looked.status).toBe(200);
    expect(claimed.body).toMatchObject({ granted: true });
    expect(proposed.status).toBe(403);
    expect(proposed.body["error"]).toMatchObject({ code: "SKN-3354" });
  });

  test("a person's token by authorization code with PKCE does, too", async () => {
    const token = await provider.personToken();

    const proposed = await stand.call(
      "propose_plan",
      { plan: "p", title: "P", tasks: [{ id: "T1", title: "One", files: ["x.ts"] }] },
      { authorization: `Bearer ${token}` },
    );

    expect(proposed.status).toBe(200);
  });

  test("0 of at least 60 bad tokens are accepted, and none of their text comes back", async () => {
    const made = await Promise.all(
      signings.map(async ([name, odd]) => [name, await provider.sign(odd())] as const),
    );
    for (const [name, make] of others) {
      made.push([name, await make()]);
    }
    const accepted: string[] = [];
    for (const [name, token] of made) {
      const answer = await lookWith(`Bearer ${token}`);
      const isRefused = answer.status === 401 || answer.status === 403;
      const tells = token.length > 30 && answer.text.includes(token.slice(-30));
      accepted.push(...(isRefused && !tells ? [] : [`${name}: ${String(answer.status)}`]));
      if (answer.status === 401) {
        expect(answer.headers.get("www-authenticate"), name).toContain('error="invalid_token"');
      }
    }

    expect(made.length).toBeGreaterThanOrEqual(60);
    expect(accepted).toEqual([]);
    expect(stand.log.join("\n")).not.toMatch(/eyJ|skein_local/u);
    expect((await lookWith(`Bearer ${await provider.sign()}`)).status).toBe(200);
  });

  test.each([
    ["a clock that is 29 seconds ahead", { exp: -29 }],
    ["a making 29 seconds from now", { iat: 29 }],
  ])("accepts what %s makes", async (_, shifts) => {
    const claims = Object.fromEntries(
      Object.entries(shifts).map(([claim, seconds]) => [claim, now() + seconds]),
    );

    expect((await lookWith(`Bearer ${await provider.sign({ claims })}`)).status).toBe(200);
  });

  test.each(["access_token", "token", "api_key"])(
    "refuses a token in the address, as `%s`, and does not log it",
    async (name) => {
      const token = await personalToken("admin");

      const answer = await stand.ask(`api/v1/tools/look?${name}=${token}`, {
        method: "POST",
        body: { at: "board" },
        headers: { authorization: `Bearer ${token}` },
      });

      expect(answer.status).toBe(400);
      expect(answer.body["error"]).toMatchObject({ code: "SKN-1934" });
      expect(answer.text + stand.log.join("\n")).not.toContain(token);
    },
  );

  test.each([
    ["a part of its path", (token: string) => `p/${encodeURIComponent(token)}/api/v1/ledger`],
    ["the end of its path", (token: string) => `api/v1/tools/${token}`],
    ["a value as a header has it", (token: string) => `api/v1/ledger?x=Bearer%20${token}`],
  ])("refuses an address with a token as %s", async (_, pathOf) => {
    const token = await personalToken("admin");

    const answer = await stand.ask(pathOf(token), {
      headers: { authorization: `Bearer ${token}` },
    });

    expect(answer.body["error"]).toMatchObject({ code: "SKN-1934" });
    expect(answer.text + stand.log.join("\n")).not.toContain(token);
  });

  test.each([
    ["two headers' worth", "Bearer a, Bearer b"],
    ["another scheme", "Basic YTpi"],
    ["no scheme", "abc"],
    ["a space inside", "Bearer a b"],
  ])("takes %s for no token", async (_, authorization) => {
    expect((await lookWith(authorization)).status).toBe(401);
  });

  test("tells a caller without a token where to get one", async () => {
    const answer = await lookWith("");
    const challenge = answer.headers.get("www-authenticate") ?? "";
    const address = /resource_metadata="([^"]+)"/u.exec(challenge)?.[1] ?? "";
    const described: unknown = await (await fetch(address)).json();

    expect(challenge).not.toContain("error=");
    expect(address).toBe(`${stand.url}/.well-known/oauth-protected-resource/api/v1/tools/look`);
    expect(described).toEqual({
      resource: `${stand.url}/api/v1/tools/look`,
      authorization_servers: [provider.issuer],
      bearer_methods_supported: ["header"],
      resource_name: "Skein",
    });
  });

  test("the log says of every change who asked for it, through which session and by what", async () => {
    const text = await personalToken("manager");
    const authorization = `Bearer ${text}`;
    const { skein } = stand.repository.project;
    const { seq } = await skein.store.read((reader) => skein.events.head(reader));
    const claimed = await stand.call("claim_files", { paths: ["docs/x.md"] }, { authorization });
    await stand.ask("api/v1/commands", {
      method: "POST",
      headers: { authorization },
      body: { command: ["message", "send"], arguments: ["hello"] },
    });

    const events = await skein.store.read((reader) => skein.events.after(reader, seq, 50));
    const tokens = await skein.store.read((reader) => skein.access.tokens.list(reader));
    const id = tokens.at(-1)?.id ?? "";
    const granted = events.find(({ kind }) => kind === "lease.granted");
    const sent = events.find(({ kind }) => kind === "message.sent");

    expect(claimed.status).toBe(200);
    expect(events.length).toBeGreaterThanOrEqual(3);
    expect(new Set(events.map(({ by }) => by?.principal))).toEqual(new Set([`token:${id}`]));
    expect(granted?.by).toEqual({
      principal: `token:${id}`,
      name: `manager-${id}`,
      action: "tool:claim_files",
    });
    expect(granted?.actor).toMatch(/^session:s\d+$/u);
    expect(sent?.by?.action).toBe("command:message send");
    expect(JSON.stringify(events)).not.toContain(text.slice(-30));
    expect(tokens.at(-1)?.lastUsedAtMs).not.toBe(null);
  });
});

import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createHash, randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import type { CryptoKey, JWK, JWTPayload } from "jose";
import { Provider } from "oidc-provider";

/** A real OpenID provider on this machine, and its private key, so that tests can also sign what it never would. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly audience: string;
  /** A token of the client's own, with these roles. */
  clientToken(roles: readonly string[]): Promise<string>;
  /** A person's token, by authorization code with PKCE: signs in, consents, and trades the code. */
  personToken(): Promise<string>;
  /** Signs what it is given with the provider's own key. */
  sign(odd?: Signing): Promise<string>;
  readonly publicJwk: JWK;
  close(): Promise<void>;
}

export interface Signing {
  /** Over what a good token says; undefined takes a claim out. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  readonly key?: CryptoKey | Uint8Array | undefined;
}

export const audience = "https://skein.example/p/local";
const clientId = "robot";
const clientSecret = "a-secret-of-the-test-alone";
const redirectUri = "http://127.0.0.1/callback";
const kid = "first";

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" };
  const publicJwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" };
  const http = createServer();
  const port = await listen(http);
  const issuer = `http://127.0.0.1:${String(port)}`;
  let roles: readonly string[] = [];
  const provider = makeProvider(issuer, jwk, () => roles);
  const answer = provider.callback();
  http.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void (request.url?.startsWith("/interaction/") === true
      ? agree(provider, request, response)
      : answer(request, response));
  });
  const signingKey = await importJWK(jwk, "RS256");
  return {
    issuer,
    audience,
    publicJwk,
    clientToken: async (wanted) => {
      roles = wanted;
      return askToken(issuer, { grant_type: "client_credentials", resource: audience }, true);
    },
    personToken: async () => {
      roles = ["skein-manager"];
      return signIn(issuer);
    },
    sign: (odd = {}) => sign(issuer, signingKey, odd),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
    },
  };
}

function makeProvider(issuer: string, jwk: JWK, roles: () => readonly string[]): Provider {
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    cookies: { keys: ["only-for-tests"] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: "person",
        token_endpoint_auth_method: "none",
        application_type: "native",
        grant_types: ["authorization_code"],
        response_types: ["code"],
        redirect_uris: [redirectUri],
      },
    ],
    ttl: {
      ClientCredentials: 600,
      AccessToken: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
      Grant: 600,
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => Promise.resolve({ sub }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    extraTokenClaims: () => ({ roles: [...roles()], preferred_username: "ada" }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "skein",
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  return provider;
}

/** Signs the person in and says yes to all that is asked. */
async function agree(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    await provider.interactionFinished(request, response, { login: { accountId: "ada" } });
    return;
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? "ada",
    clientId: String(params["client_id"]),
  });
  grant.addOIDCScope("openid");
  grant.addResourceScope(audience, "skein");
  await provider.interactionFinished(request, response, {
    consent: { grantId: await grant.save() },
  });
}

async function askToken(
  issuer: string,
  fields: Readonly<Record<string, string>>,
  isClient: boolean,
): Promise<string> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: isClient ? { authorization: `Basic ${basic}` } : {},
    body: new URLSearchParams({ ...fields }),
  });
  const body: Readonly<Record<string, unknown>> = JSON.parse(await answer.text());
  if (typeof body["access_token"] !== "string") {
    throw new Error(`The provider gave no token: ${JSON.stringify(body)}`);
  }
  return body["access_token"];
}

async function signIn(issuer: string): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const first = new URL(`${issuer}/auth`);
  const asked = {
    client_id: "person",
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "openid skein",
    resource: audience,
    code_challenge: challenge,
    code_challenge_method: "S256",
  };
  first.search = new URLSearchParams(asked).toString();
  const code = await walk(first);
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  return askToken(
    issuer,
    { ...fields, client_id: "person", code_verifier: verifier, resource: audience },
    false,
  );
}

/** Follows redirects as a browser would, with its cookies, until it is sent back with a code. */
async function walk(first: URL): Promise<string> {
  const jar = new Map<string, string>();
  let url = first;
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = answer.headers.get("location");
    if (location === null) {
      throw new Error(`The provider stopped at ${url.href}: ${await answer.text()}`);
    }
    url = new URL(location, url);
    const code = url.searchParams.get("code");
    if (code !== null) {
      return code;
    }
  }
  throw new Error("The provider led in circles.");
}

async function sign(
  issuer: string,
  key: CryptoKey | Uint8Array,
  { claims = {}, header = {}, key: other = key }: Signing,
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const good: JWTPayload = {
    iss: issuer,
    aud: audience,
    sub: "ada",
    iat: now,
    exp: now + 600,
    roles: ["skein-agent"],
  };
  const payload = Object.fromEntries(
    Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined),
  );
  const all: Readonly<Record<string, unknown>> = { alg: "RS256", kid, typ: "at+jwt", ...header };
  const told = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(payload)
    .setProtectedHeader({ ...told, alg: String(all["alg"]) })
    .sign(other, { crit: { x: true } });
}

async function listen(http: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const address = http.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkProvider } from "../../adapters/identity/index.ts";
import { stateOf } from "../../core/access/index.ts";
import type { Token } from "../../core/access/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isoTime } from "../../core/base/iso.ts";
import { isLoopbackUrl } from "../../core/base/loopback.ts";
import type { OpenProject } from "../../compose.ts";
import type { AuthSettings, OidcSettings } from "../../settings.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Looks at who may come in over a server: the machine's own secret, personal tokens, the identity provider. */
export async function examineAccess({ project, storeDir }: Patient): Promise<readonly Finding[]> {
  if (project === null) {
    return [];
  }
  const { auth } = project.settings;
  return [
    ...examineSecret(join(storeDir, "serve-token")),
    ...(await examineTokens(project)),
    ...examineAddress(auth),
    ...(auth === null || auth.oidc === null ? [] : [await examineProvider(auth.oidc)]),
  ];
}

function examineSecret(file: string): readonly Finding[] {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || process.platform === "win32" || (stats.mode & 0o077) === 0) {
    return [];
  }
  return [
    trouble("fail", "serve-token-open", {
      what: `Others can read ${file}.`,
      why: "Whoever has this secret is an admin of the project on this machine.",
      fix: `chmod 600 ${file}, or remove it: \`skein serve\` makes a new one.`,
      mend: async () => {
        chmodSync(file, 0o600);
        return Promise.resolve();
      },
    }),
  ];
}

const weekMs = 7 * 86_400_000;
const quarterMs = 90 * 86_400_000;

async function examineTokens({ skein }: OpenProject): Promise<readonly Finding[]> {
  const { good, nowMs } = await skein.store.read(async (reader) => {
    const all = await skein.access.tokens.list(reader);
    return {
      good: all.filter((token) => stateOf(token, reader.nowMs) === "good"),
      nowMs: reader.nowMs,
    };
  });
  if (good.length === 0) {
    return [];
  }
  const idle = good.filter((token) => nowMs - (token.lastUsedAtMs ?? token.madeAtMs) > quarterMs);
  const ending = good.filter(({ expiresAtMs }) => expiresAtMs - nowMs < weekMs);
  return [
    fine("tokens", `${String(good.length)} personal tokens are good.`),
    ...idle.map(idleFinding),
    ...ending.map((token) =>
      trouble("note", "token-ending", {
        what: `Token ${token.id} (${token.role}) ends at ${isoTime(token.expiresAtMs)}.`,
        why: "Whoever uses it is refused from then on.",
        fix: `skein token create --role ${token.role}`,
      }),
    ),
  ];
}

function idleFinding({ id, role }: Token): Finding {
  return trouble("warn", "token-idle", {
    what: `Token ${id} (${role}) has not been used for 90 days.`,
    why: "A token that nobody needs is one more that can be stolen.",
    fix: `skein token revoke ${id}`,
  });
}

function examineAddress(auth: AuthSettings | null): readonly Finding[] {
  const url = auth?.publicUrl ?? null;
  if (url === null || !url.startsWith("http:") || isLoopbackUrl(url)) {
    return [];
  }
  return [
    trouble("warn", "server-plain", {
      what: `The server is reached at ${url}, without TLS.`,
      why: "Tokens can be read by whoever is on the way.",
      fix: "Put a proxy with TLS in front, and write its address into `auth.public_url`.",
    }),
  ];
}

async function examineProvider({ issuer, jwksUri }: OidcSettings): Promise<Finding> {
  try {
    await checkProvider({ issuer, jwksUri });
    return fine("provider", `The identity provider ${issuer} answers, and has keys.`);
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    return trouble("fail", "provider", {
      what: `${error.code} ${error.message}`,
      why: error.why,
      fix: error.fix,
    });
  }
}

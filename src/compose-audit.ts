import { createAnchorFile } from "./adapters/audit/anchor-file.ts";
import { createAuditTags } from "./adapters/git/index.ts";
import type { Git } from "./adapters/git/index.ts";
import { followTrail } from "./adapters/secrets/trail.ts";
import { createAudit, readAuditKey, readAuditPublicKey } from "./core/audit/index.ts";
import type { AnchorPlace, Audit } from "./core/audit/index.ts";
import type { Skein } from "./core/index.ts";
import type { AuditSettings } from "./settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The variable that holds the key, or a reference to it. */
const keyVariable = "SKEIN_AUDIT_KEY";

export interface AuditRequest {
  readonly skein: Skein;
  readonly settings: AuditSettings;
  readonly env: Env;
  /** Null where there is no clone of the repository: then no tag can be made. */
  readonly git: Git | null;
  /** Public keys that count besides those of the settings. */
  readonly publicKeys?: readonly string[] | undefined;
}

/** Opens the audit of a project. @throws {SkeinError} SKN-2801, SKN-2971, SKN-397x when a key cannot be had. */
export async function openAudit(request: AuditRequest): Promise<Audit> {
  const { skein, settings, publicKeys = [] } = request;
  const pem = await keyOf(request);
  return createAudit({
    store: skein.store,
    events: skein.events,
    place: placeOf(request),
    key: pem === null ? null : readAuditKey(pem),
    trusted: [...settings.publicKeys, ...publicKeys].map(readAuditPublicKey),
  });
}

/** True when the settings and the environment together say where and with what to anchor. */
export function isAnchoring({ settings, env }: Pick<AuditRequest, "env" | "settings">): boolean {
  return settings.anchor !== null && (settings.key !== null || isSet(env));
}

function isSet(env: Env): boolean {
  return (env[keyVariable] ?? env[`${keyVariable}_FILE`] ?? "") !== "";
}

function placeOf({ settings, git }: AuditRequest): AnchorPlace | null {
  if (settings.anchor === "git-tag") {
    return git === null ? null : createAuditTags(git);
  }
  return settings.anchor === null ? null : createAnchorFile(settings.anchor.slice("file:".length));
}

async function keyOf({ settings, env }: AuditRequest): Promise<string | null> {
  const reference = settings.key ?? (isSet(env) ? `env:${keyVariable}` : null);
  return reference === null
    ? null
    : followTrail(reference, { env, isEnd: isKey, named: "as `audit.key` in skein.yml" });
}

function isKey(text: string): boolean {
  return text.includes("-----BEGIN");
}

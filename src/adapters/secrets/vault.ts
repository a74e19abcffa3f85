import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import { secretErrors } from "./errors.ts";
import { readSecretFile } from "./secret-file.ts";
import { findSecretVariable } from "./secret-variable.ts";
import { parseVaultAddress, parseVaultPlace } from "./vault-place.ts";
import type { VaultPlace } from "./vault-place.ts";

/** Reads single fields of HashiCorp Vault's second key-value engine over HTTP. */
interface Vault {
  /**
   * @param place As `mount/path#field`.
   * @throws {SkeinError} SKN-2971, SKN-2972, SKN-3974, SKN-5971, SKN-7971, SKN-9972. What Vault wrote stands in none of them.
   */
  read(place: string): Promise<VaultSecret>;
}

interface VaultSecret {
  readonly text: string;
  /** How long it may be used before it is read again. */
  readonly keepMs: number;
}

interface VaultDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Default 5 000. */
  readonly timeoutMs?: number | undefined;
}

/** The engine gives its secrets no lease: then they are read again after this. */
const usualKeepMs = 5 * 60_000;
const maxReplyBytes = 1_048_576;

export function createVault(deps: VaultDeps): Vault {
  return {
    read: async (text) => {
      const place = parseVaultPlace(text);
      const address = parseVaultAddress(deps.env["VAULT_ADDR"] ?? "");
      const token = await readToken(deps);
      const url = `${address}/v1/${place.mount}/data/${place.path}`;
      const { status, body } = await ask(url, headersOf(token, deps), deps.timeoutMs ?? 5_000);
      return secretIn(status, body, place);
    },
  };
}

/** @throws {SkeinError} SKN-3974 when there is none. */
async function readToken(deps: VaultDeps): Promise<string> {
  const given = await findSecretVariable("VAULT_TOKEN", deps);
  if (given !== null) {
    return given;
  }
  try {
    // Where `vault login` leaves it.
    return (await readSecretFile("~/.vault-token", { home: deps.home })).trim();
  } catch (cause) {
    if (cause instanceof SkeinError && cause.code === secretErrors.noFile.code) {
      throw new SkeinError(secretErrors.vaultDenied, {
        message: "There is no token for Vault.",
        fix: "Set VAULT_TOKEN or VAULT_TOKEN_FILE, or run `vault login`.",
        cause,
      });
    }
    throw cause;
  }
}

function headersOf(token: string, { env }: VaultDeps): Readonly<Record<string, string>> {
  const namespace = env["VAULT_NAMESPACE"]?.trim() ?? "";
  return {
    "X-Vault-Token": token,
    "X-Vault-Request": "true",
    ...(namespace === "" ? {} : { "X-Vault-Namespace": namespace }),
  };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Errors of the client are not kept as a cause: some of them hold the request, and with it the token. */
async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Reply> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // A redirect would take the token to another host.
    const response = await fetch(url, { headers, signal, redirect: "manual" });
    return { status: response.status, body: parseLooseObject(await readBounded(response)) };
  } catch {
    throw signal.aborted
      ? new SkeinError(secretErrors.vaultTimeout, {
          message: `Vault did not answer within ${String(timeoutMs)} ms.`,
        })
      : new SkeinError(secretErrors.vaultUnavailable, { message: "Vault cannot be reached." });
  }
}

async function readBounded({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxReplyBytes) {
      throw new Error("the answer is too long");
    }
  }
  return text + decoder.decode();
}

/** Two `data` around each other: Vault's own, and the engine's beside its metadata. */
function secretIn(status: number, body: unknown, { label, field }: VaultPlace): VaultSecret {
  if (status !== 200) {
    throw refusal(status, label);
  }
  const fields = inside(inside(body, "data"), "data");
  const text = inside(fields, field);
  if (typeof text !== "string" || text.trim() === "") {
    throw new SkeinError(secretErrors.vaultMissing, {
      message: `Vault's secret ${label} has no text in the field \`${field}\`.`,
      facts: { place: label, field },
    });
  }
  const leaseSeconds = inside(body, "lease_duration");
  const hasLease = typeof leaseSeconds === "number" && leaseSeconds > 0;
  return { text, keepMs: hasLease ? leaseSeconds * 1_000 : usualKeepMs };
}

function inside(value: unknown, name: string): unknown {
  return isLooseObject(value) ? ownValue(value, name) : undefined;
}

/** By the status alone; what stands beside it are Vault's words. */
function refusal(status: number, label: string): SkeinError {
  const facts = { status, place: label };
  switch (status) {
    case 403:
      return new SkeinError(secretErrors.vaultDenied, {
        message: `Vault does not give ${label} to this token.`,
        facts,
      });
    case 404:
      return new SkeinError(secretErrors.vaultMissing, {
        message: `Vault has no secret ${label}, or its newest version was deleted.`,
        facts,
      });
    case 307:
    case 308:
      return new SkeinError(secretErrors.vaultAddress, {
        message: "Vault's answer leads to another address, and the token is not taken there.",
        fix: "Set VAULT_ADDR to the active node or to the load balancer.",
        facts,
      });
    case 503:
      return new SkeinError(secretErrors.vaultUnavailable, {
        message: "Vault is sealed or not ready.",
        fix: "Unseal Vault, or wait until it is ready.",
        facts,
        retryAfterMs: 5_000,
      });
    default:
      return new SkeinError(secretErrors.vaultUnavailable, {
        message: `Vault answered with the status ${String(status)}.`,
        facts,
        retryAfterMs: 5_000,
      });
  }
}

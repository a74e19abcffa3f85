import { SkeinError } from "../../core/base/errors.ts";
import { secretErrors } from "./errors.ts";
import { readSecretCommand } from "./secret-command.ts";
import { readSecretFile } from "./secret-file.ts";
import { readSecretVariable } from "./secret-variable.ts";
import { createVault } from "./vault.ts";

/** Looks secrets up where their references say, when they are needed. */
export interface Secrets {
  /**
   * The secret that `env:NAME`, `file:/path` (or `file:~/path`), `cmd:program argument` or `vault:mount/path#field` names, without blanks
   * around it. `named` tells people where the reference stands, as an end of `Name another one …`; default `in skein.yml`. It is looked up once; what comes from Vault, again after its lease. A failure is not remembered: the next call looks again.
   *
   * @throws {SkeinError} SKN-2971, SKN-2972, SKN-3971 to SKN-3974, SKN-5971, SKN-7971, SKN-8971, SKN-9971 or SKN-9972; the value stands in
   *   none of them.
   */
  resolve(reference: string, named?: string): Promise<string>;
  /**
   * Looks up those of the references that cost nothing (`env:` and `file:`), so that their values are known. What cannot be looked up is
   * left for `resolve` to tell.
   */
  learn(references: readonly string[]): Promise<void>;
  /** Every value that has been looked up so far, also those that have since been replaced. */
  known(): readonly string[];
}

export interface SecretsDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `~` stands for. */
  readonly home: string;
  /** How long a command may take, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** How long Vault may take, in milliseconds. Default 5 000. */
  readonly vaultTimeoutMs?: number | undefined;
  /** Grows with time, in milliseconds. Default: the process's own. */
  readonly nowMs?: (() => number) | undefined;
}

const form = /^(?<kind>env|file|cmd|vault):(?<place>\S[^\n\r\0]*)$/u;

interface Kept {
  readonly value: string;
  /** When it has to be looked up again, by `nowMs`. */
  readonly untilMs: number;
}

export function createSecrets(deps: SecretsDeps): Secrets {
  const { nowMs = () => performance.now() } = deps;
  const lookUp = createLookUp(deps);
  const kept = new Map<string, Kept>();
  const looking = new Map<string, Promise<string>>();
  const seen = new Set<string>();
  const look = async (reference: string, named?: string): Promise<string> => {
    try {
      const { text, keepMs } = await lookUp(reference, named);
      const value = text.trim();
      kept.set(reference, { value, untilMs: nowMs() + keepMs });
      seen.add(value);
      return value;
    } catch (error) {
      return orBefore(error, kept.get(reference));
    } finally {
      looking.delete(reference);
    }
  };
  const resolve = async (reference: string, named?: string): Promise<string> => {
    const before = kept.get(reference);
    if (before !== undefined && before.untilMs > nowMs()) {
      return before.value;
    }
    const running = looking.get(reference) ?? look(reference, named);
    looking.set(reference, running);
    return running;
  };
  return {
    resolve,
    learn: async (references) => {
      const cheap = references.filter((reference) => /^(?:env|file):/u.test(reference));
      await Promise.allSettled(cheap.map(async (reference) => resolve(reference)));
    },
    known: () => [...seen],
  };
}

/** While the place of a secret is only out of reach, the value of before counts. */
function orBefore(error: unknown, before: Kept | undefined): string {
  const isOut =
    error instanceof SkeinError && (error.kind === "unavailable" || error.kind === "timeout");
  if (isOut && before !== undefined) {
    return before.value;
  }
  throw error;
}

interface Found {
  readonly text: string;
  readonly keepMs: number;
}

const forEver = { keepMs: Number.POSITIVE_INFINITY };

function createLookUp(deps: SecretsDeps): (reference: string, named?: string) => Promise<Found> {
  const vault = createVault({ ...deps, timeoutMs: deps.vaultTimeoutMs });
  return async (reference, named) => {
    const { kind, place = "" } = form.exec(reference)?.groups ?? {};
    switch (kind) {
      case "env":
        return { text: await readSecretVariable(place, { ...deps, named }), ...forEver };
      case "file":
        return { text: await readSecretFile(place, { home: deps.home, named }), ...forEver };
      case "cmd":
        return { text: await readSecretCommand(place, deps), ...forEver };
      case "vault":
        return vault.read(place);
      case undefined:
      default:
        // The text may be the secret itself, written where its reference belongs: it is not repeated.
        throw new SkeinError(secretErrors.badReference);
    }
  };
}

import { homedir } from "node:os";
import { systemTimer } from "./adapters/process/timer.ts";
import {
  createAwayMark,
  createSend,
  createServerClient,
  parseServerAddress,
  readServerRecord,
} from "./adapters/server/index.ts";
import { serverErrors } from "./adapters/server/index.ts";
import type { ServerAddress, ServerClient } from "./adapters/server/index.ts";
import { SkeinError } from "./core/base/errors.ts";

/** The variable that names a server. */
export const serverVariable = "SKEIN_URL";

/** The server through which a clone is coordinated. */
export interface ServerPlace {
  readonly address: ServerAddress;
  /** Who named it: the environment (or `--url`), or the people of this clone. */
  readonly source: "variable" | "clone";
  /** Where its token is; null: nowhere that is known. */
  readonly tokenReference: string | null;
  /** Where programs of the clone tell each other that it is away; null: nowhere. */
  readonly storeDir: string | null;
}

export interface ServerSearch {
  /** Where the clone keeps its coordination; null outside of a repository. */
  readonly storeDir: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The server that counts: that of `SKEIN_URL` (as which `--url` counts), else the one that people of this clone agreed to with `skein init`. What skein.yml
 * says is a proposal to them: whoever writes it would get their token. Null where there is none.
 *
 * @throws {SkeinError} SKN-1921 for an address that cannot be used, SKN-2923 for a note that cannot be trusted.
 */
export function findServer({ storeDir, env }: ServerSearch): ServerPlace | null {
  const agreed = agreedServer(storeDir);
  const given = filled(env[serverVariable]);
  const address = given === null ? (agreed?.address ?? null) : parseServerAddress(given);
  if (address === null) {
    return null;
  }
  // A token goes to no other server than the one for which it was named.
  const own = agreed?.address.origin === address.origin ? agreed.token : null;
  return {
    address,
    source: given === null ? "clone" : "variable",
    tokenReference: referenceOf(env) ?? own,
    storeDir,
  };
}

interface Agreed {
  readonly address: ServerAddress;
  readonly token: string | null;
}

function agreedServer(storeDir: string | null): Agreed | null {
  const record = storeDir === null ? null : readServerRecord(storeDir);
  return record === null ? null : { address: parseServerAddress(record.url), token: record.token };
}

function referenceOf(env: ServerSearch["env"]): string | null {
  const file = filled(env["SKEIN_TOKEN_FILE"]);
  if (file !== null) {
    return `file:${file}`;
  }
  return filled(env["SKEIN_TOKEN"]) === null ? null : "env:SKEIN_TOKEN";
}

function filled(text: string | undefined): string | null {
  return text === undefined || text.trim() === "" ? null : text;
}

export type ServerTarget = Pick<ServerPlace, "address" | "tokenReference"> &
  Partial<Pick<ServerPlace, "storeDir">>;

/** Connects to a server when it is first asked. `onReach` is told when the server is found away, and when it is there again. */
export function connectServer(
  { address, tokenReference, storeDir = null }: ServerTarget,
  env: ServerSearch["env"],
  onReach?: (isThere: boolean) => void,
): ServerClient {
  const sending = createSend();
  let token: Promise<string | null> | null = null;
  return createServerClient({
    address,
    sending,
    token: async (again) => {
      if (again || token === null) {
        token = readToken(tokenReference, env);
        token.catch(() => {
          token = null;
        });
      }
      return token;
    },
    timer: systemTimer,
    chance: Math.random,
    away: createAwayMark({ storeDir, origin: address.origin, nowMs: Date.now }),
    onReach,
  });
}

/** A token goes into a header: a file that holds more than it, as all that `skein token create` said, holds none. */
function oneWord(token: string): string {
  if (/^[\x21-\x7e]+$/u.test(token)) {
    return token;
  }
  throw new SkeinError(serverErrors.noToken, {
    message: "It holds more than one word, or signs that no token has.",
    fix: "Keep the token alone in its file or variable: the one line that begins with `skein_`.",
  });
}

/** Where a token's reference stands, for people. */
function placeOf(reference: string, env: ServerSearch["env"]): string {
  const file = filled(env["SKEIN_TOKEN_FILE"]);
  const isGiven = file !== null && reference === `file:${file}`;
  return isGiven
    ? "in SKEIN_TOKEN_FILE"
    : "with `SKEIN_TOKEN_FILE=FILE skein init --url URL` in this clone";
}

/** @throws {SkeinError} SKN-2921 with what is wrong with the reference; never with the token. */
async function readToken(
  reference: string | null,
  env: ServerSearch["env"],
): Promise<string | null> {
  if (reference === null) {
    return null;
  }
  try {
    // Loaded when there is something to ask: an editor waits for each of its hooks.
    const { createSecrets } = await import("./adapters/secrets/references.ts");
    const secrets = createSecrets({ env, home: homedir() });
    const token = await secrets.resolve(reference, placeOf(reference, env));
    return oneWord(token);
  } catch (error) {
    const known = error instanceof SkeinError ? error : null;
    throw new SkeinError(serverErrors.noToken, {
      message: `The token of the server cannot be read. ${known?.message ?? ""}`.trim(),
      fix: known?.fix,
      cause: error,
    });
  }
}

import { resolve } from "node:path";
import {
  parseServerAddress,
  readServerRecord,
  serverErrors,
  writeServerRecord,
} from "../../adapters/server/index.ts";
import type { ServerRecord } from "../../adapters/server/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { connectServer, serverVariable } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { loadSettings } from "../../settings.ts";
import { hasStore, storeDirOf } from "../../store-place.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The server that `init` would note for a clone. */
export interface ServerChoice {
  readonly record: ServerRecord;
  /** True when nobody here has agreed to it yet. */
  readonly needsAgreement: boolean;
}

/**
 * The server that `--url` or its variable names, else the one that this clone has noted, else, in a clone without a ledger, the one that
 * skein.yml proposes; null where a ledger of its own is meant. @throws {SkeinError} SKN-1921, SKN-2923.
 */
export async function chooseServer(repository: Repository, env: Env): Promise<ServerChoice | null> {
  const noted = readServerRecord(storeDirOf(repository));
  const given = env[serverVariable] ?? "";
  const proposed = await proposedServer(repository, env);
  const url = given === "" ? (noted ?? proposed)?.url : given;
  if (url === undefined) {
    return null;
  }
  const address = parseServerAddress(url).base;
  // A reference goes with the address for which it was written.
  const own = [noted, proposed].find((each) => each !== null && baseOf(each) === address);
  const token = tokenReference(env) ?? own?.token ?? null;
  return { record: { url: address, token }, needsAgreement: noted?.url !== address };
}

/** What skein.yml says, for a clone that has no ledger yet. */
async function proposedServer(repository: Repository, env: Env): Promise<ServerRecord | null> {
  const { settings } = await loadSettings({ root: repository.root, env });
  return hasStore(repository, env) ? null : settings.server;
}

function baseOf({ url }: ServerRecord): string {
  return parseServerAddress(url).base;
}

/** Where the token is that this very call would use. */
function tokenReference(env: Env): string | null {
  const file = env["SKEIN_TOKEN_FILE"] ?? "";
  if (file !== "") {
    return `file:${resolve(file)}`;
  }
  return (env["SKEIN_TOKEN"] ?? "") === "" ? null : "env:SKEIN_TOKEN";
}

/** Asks the server whether it takes the token, then notes it. @throws {SkeinError} what is wrong with it; then nothing is noted. */
export async function noteServer(
  repository: Repository,
  { record }: ServerChoice,
  env: Env,
): Promise<void> {
  const address = parseServerAddress(record.url);
  const client = connectServer({ address, tokenReference: record.token }, env);
  try {
    await client.ask("api/v1/commands", {
      body: { command: ["explain"], arguments: ["SKN-0001"] },
      isRepeatable: true,
      patienceMs: 1_000,
      silenceMs: 10_000,
      signal: null,
    });
  } catch (error) {
    throw error instanceof SkeinError && record.token === null
      ? new SkeinError(serverErrors.noToken, { facts: { server: record.url }, cause: error })
      : error;
  } finally {
    client.close();
  }
  writeServerRecord(storeDirOf(repository), record);
}

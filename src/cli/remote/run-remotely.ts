import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { serverErrors } from "../../adapters/server/index.ts";
import { connectServer, findServer } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { loadSettings } from "../../settings.ts";
import { givenPlace, hasStore, storeDirOf } from "../../store-place.ts";
import type { Run } from "../command.ts";
import type { Chosen } from "../program.ts";
import { databaseRequest } from "../store-place.ts";
import { callServer } from "./call-server.ts";
import { followServer } from "./follow-server.ts";
import { topOfServer } from "./top-of-server.ts";

/** Commands that ask no ledger, or look for it in their own way: they run here, whoever coordinates the clone. */
const here: ReadonlySet<string> = new Set([
  "init",
  "doctor",
  "config explain",
  "demo",
  "mcp",
  "hook",
  "guard",
  "explain",
  "completion",
  "complete",
  "bench",
  "bot",
  "serve",
  "models check",
  "models trust",
]);

/** They are about a database, which somebody has to name where a server has it. */
const ofDatabase: ReadonlySet<string> = new Set([
  "db status",
  "db migrate",
  "project list",
  "project add",
  "project remove",
]);

/** They need the working tree and the ledger in one place: a clone of a server has both where somebody names the database. */
const together: ReadonlySet<string> = new Set([
  "integrate",
  "task verify",
  "rules explain",
  "github publish",
  "github sync",
  "usage import",
]);

/**
 * How a command runs where a server has the ledger: null where none does, or where the command asks none. @throws {SkeinError} SKN-1922 for
 * one that cannot run through a server, SKN-1921 and SKN-2923 for a server that cannot be asked, SKN-8921 for one that nobody agreed to.
 */
export async function remoteRun({ spec, call }: Chosen): Promise<Run | null> {
  const { io } = call;
  // A command inside a server asks no other.
  if (here.has(spec.name) || io.within !== undefined) {
    return null;
  }
  const repository = locateRepository(io.cwd);
  const storeDir = repository === null ? null : storeDirOf(repository);
  const server = findServer({ storeDir, env: io.env });
  if (server === null) {
    if (!ofDatabase.has(spec.name)) {
      await refuseUnagreed(repository, io.env);
    }
    return null;
  }
  if (await asksDatabase({ spec, call })) {
    return null;
  }
  if (together.has(spec.name) || ofDatabase.has(spec.name)) {
    throw new SkeinError(serverErrors.staysHere, {
      message: `\`skein ${spec.name}\` cannot run through the server at ${server.address.base}.`,
      facts: { command: spec.name, server: server.address.base },
    });
  }
  return async (given) => {
    const client = connectServer(server, io.env);
    try {
      return await routeOf(
        spec.name,
        given.options.flag("follow"),
      )({
        spec,
        call: given,
        client,
        repository,
      });
    } finally {
      client.close();
    }
  };
}

/** True for a command that works on a database somebody named: beside the server, on the same ledger. */
async function asksDatabase({ spec: { name }, call }: Chosen): Promise<boolean> {
  if (together.has(name)) {
    return givenPlace(call.io.env) !== null;
  }
  return ofDatabase.has(name) && (await databaseRequest(call)) !== null;
}

/** A clone whose skein.yml names a server gets no ledger of its own by the way. */
async function refuseUnagreed(
  repository: Repository | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (repository === null || hasStore(repository, env)) {
    return;
  }
  const { settings } = await loadSettings({ root: repository.root, env });
  if (settings.server !== null) {
    throw new SkeinError(serverErrors.notAgreed, {
      message: `skein.yml names the server ${settings.server.url}, and nobody here has agreed to it.`,
      facts: { server: settings.server.url },
    });
  }
}

function routeOf(name: string, isFollowing: boolean): typeof callServer {
  if (name === "top") {
    return topOfServer;
  }
  return name === "events" && isFollowing ? followServer : callServer;
}

import { secretErrors } from "../adapters/secrets/errors.ts";
import { parseServerAddress } from "../adapters/server/index.ts";
import { serverVariable } from "../compose-server.ts";
import { SkeinError } from "../core/base/errors.ts";
import { isDatabaseUrl, parseDatabaseUrl } from "../core/store/index.ts";
import { settingsErrors } from "../settings.ts";
import { databaseVariable, projectVariable } from "../store-place.ts";
import { withEnvironment } from "./io.ts";
import type { CliIo } from "./io.ts";

const variables = {
  "--db": databaseVariable,
  "--project": projectVariable,
  "--url": serverVariable,
} as const;

/**
 * Lets `--db`, `--project` and `--url` count as their variables do, for everything that the command does. @throws {SkeinError} SKN-2021,
 * SKN-2022, SKN-1921, SKN-3971: arguments can be read by everybody on the machine, so that an address in them holds no password.
 */
export function withStoreFlags(argv: readonly string[], io: CliIo): CliIo {
  const db = valueOf("--db", argv);
  const given = { db, project: valueOf("--project", argv), url: valueOf("--url", argv) };
  if (Object.values(given).every((value) => value === null)) {
    return io;
  }
  if (given.url !== null) {
    parseServerAddress(given.url);
  }
  if (db !== null && isDatabaseUrl(db) && parseDatabaseUrl(db).hasPassword) {
    throw new SkeinError(settingsErrors.databasePassword);
  }
  return withEnvironment(io, {
    ...io.env,
    ...(given.db === null || isOfVariable(given.db, io) ? {} : { [variables["--db"]]: given.db }),
    ...(given.project === null ? {} : { [variables["--project"]]: given.project }),
    ...(given.url === null ? {} : { [variables["--url"]]: given.url }),
  });
}

/** True for `--db env:SKEIN_DATABASE_URL`, which would stand for itself in its own place. @throws {SkeinError} SKN-3971 when it says nothing. */
function isOfVariable(db: string, { env }: CliIo): boolean {
  if (db !== `env:${databaseVariable}`) {
    return false;
  }
  const given = [env[databaseVariable], env[`${databaseVariable}_FILE`]];
  if (given.every((text = "") => text.trim() === "")) {
    throw new SkeinError(secretErrors.noVariable, {
      message: `The environment variable ${databaseVariable} is not set.`,
      fix: `Set ${databaseVariable} in the environment that Skein runs in, or name another one with \`--db\`.`,
    });
  }
  return true;
}

/** The last value that an option has, as `--db X` or `--db=X`; words behind `--` are no options. */
function valueOf(name: keyof typeof variables, argv: readonly string[]): string | null {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  let value: string | null = null;
  for (const [at, word] of words.entries()) {
    if (word.startsWith(`${name}=`)) {
      value = word.slice(name.length + 1);
    } else if (word === name) {
      value = words[at + 1] ?? null;
    }
  }
  return value;
}

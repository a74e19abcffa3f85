import { SkeinError } from "../core/base/errors.ts";
import { isDatabaseUrl, parseDatabaseUrl } from "../core/store/index.ts";
import { settingsErrors } from "../settings.ts";
import { databaseVariable, projectVariable } from "../store-place.ts";
import { withEnvironment } from "./io.ts";
import type { CliIo } from "./io.ts";

const variables = { "--db": databaseVariable, "--project": projectVariable } as const;

/**
 * Lets `--db` and `--project` count as their variables do, for everything that the command does. @throws {SkeinError} SKN-2021, SKN-2022:
 * arguments can be read by everybody on the machine, so that an address in them holds no password.
 */
export function withStoreFlags(argv: readonly string[], io: CliIo): CliIo {
  const db = valueOf("--db", argv);
  const given = { db, project: valueOf("--project", argv) };
  if (given.db === null && given.project === null) {
    return io;
  }
  if (db !== null && isDatabaseUrl(db) && parseDatabaseUrl(db).hasPassword) {
    throw new SkeinError(settingsErrors.databasePassword);
  }
  return withEnvironment(io, {
    ...io.env,
    ...(given.db === null ? {} : { [variables["--db"]]: given.db }),
    ...(given.project === null ? {} : { [variables["--project"]]: given.project }),
  });
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

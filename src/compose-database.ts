import { SkeinError } from "./core/base/errors.ts";
import { nearest } from "./core/base/nearest.ts";
import { closeAll, closingOnFailure } from "./core/base/closing.ts";
import { createTimeSource, systemRandom } from "./adapters/process/clock.ts";
import { secretErrors } from "./adapters/secrets/errors.ts";
import { followTrail } from "./adapters/secrets/trail.ts";
import { migrations } from "./core/index.ts";
import type { Store } from "./core/index.ts";
import {
  createPostgresPool,
  createPostgresProjects,
  isDatabaseUrl,
  openPostgresStore,
  parseDatabaseUrl,
  storeErrors,
} from "./core/store/index.ts";
import type { PostgresPool, PostgresProjects } from "./core/store/index.ts";
import { openBus } from "./compose-bus.ts";
import type { Bus, BusHealth } from "./core/events/index.ts";
import type { Settings } from "./settings.ts";
import { databaseVariable } from "./store-place.ts";
import type { StorePlace } from "./store-place.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A PostgreSQL database of which an address was given. */
export interface DatabaseRequest {
  /** Its address, or a reference to it; see `StorePlace`. */
  readonly reference: string;
  readonly env: Env;
  readonly settings: Settings;
  /** Told when the bus of the database goes down and when it is well again. */
  readonly onBusChange?: ((health: BusHealth) => void) | undefined;
}

/** A database's connections, which all projects of a process share. */
export interface Database {
  readonly pool: PostgresPool;
  /** Wakes the other processes over the same database; closed before the pool. */
  readonly bus: Bus;
  /** The address without password and options, for people. */
  readonly shown: string;
}

/** Looks up the address that a reference names. @throws {SkeinError} SKN-2021, SKN-2971, SKN-397x; the address stands in none of them. */
export async function resolveDatabase({
  reference,
  env,
}: Pick<DatabaseRequest, "reference" | "env">): Promise<string> {
  if (!isAddress(reference) && !/^(?:env|file|cmd|vault):/u.test(reference)) {
    throw new SkeinError(secretErrors.badReference, {
      message: "This is neither the address of a database nor a place where one is kept.",
      fix: "Write `postgres://user@host/database` without a password, env:NAME, file:/absolute/path, cmd:program argument or vault:mount/path#field; `sqlite` is the repository's own file.",
    });
  }
  return followTrail(reference, { env, isEnd: isAddress, named: placeIn(env, reference) });
}

/** Where a reference to the database was given, for people. */
function placeIn(env: Env, reference: string): string {
  if (env[databaseVariable]?.trim() === reference) {
    return `with \`--db\` or in ${databaseVariable}`;
  }
  return `file:${env[`${databaseVariable}_FILE`]?.trim() ?? ""}` === reference
    ? `in ${databaseVariable}_FILE`
    : "with `skein init --db REFERENCE` in this clone";
}

/** An address of another kind, or a mistyped one, is told as such and not as a reference. */
function isAddress(text: string): boolean {
  return isDatabaseUrl(text) || /^(?!file:)[a-z][a-z\d+.-]*:\/\//iu.test(text);
}

/** Makes the connections; the first is opened when it is needed. */
export async function openDatabase(request: DatabaseRequest): Promise<Database> {
  const url = await resolveDatabase(request);
  const { shown } = parseDatabaseUrl(url);
  const { store, bus } = request.settings;
  const { connections, statementMs } = store;
  // The server gives up first, and says why.
  const answerMs = statementMs + 5_000;
  const pool = await createPostgresPool({ url, maxConnections: connections, answerMs });
  const { env, onBusChange: onChange } = request;
  const opened = await closingOnFailure(
    async () => pool.end(),
    async () => openBus({ settings: bus, env, pool, databaseUrl: url, onChange }),
  );
  return { pool, shown, bus: opened };
}

interface Closable {
  readonly pool: Pick<PostgresPool, "end">;
  readonly bus: Pick<Bus, "close">;
}

/** Sends the last rings and lets go of all connections. */
export async function closeDatabase({ bus, pool }: Closable): Promise<void> {
  await closeAll([async () => bus.close(), async () => pool.end()]);
}

/** A project's store, and what wakes the other processes that have it open. */
export interface WokenStore {
  readonly store: Store;
  readonly bus: Bus;
}

export interface DatabaseStoreRequest {
  readonly database: Database;
  readonly project: string;
  readonly settings: Settings;
  /** What to do with a project that the database does not know. */
  readonly unknownProject: "add" | "refuse";
  /** How long a call waits, in milliseconds. Default 5,000. */
  readonly waitMs?: number | undefined;
  /** How many writers may wait. Default 100. */
  readonly queueLimit?: number | undefined;
}

/** A process that writes for many has a bounded line in front of the store as well; everyone in that finds room here. */
export const queueOfMany = 4_096;

/** Opens one project in a database; whoever opened the database closes it. @throws {SkeinError} SKN-5112, SKN-71xx, SKN-31xx. */
export async function openDatabaseStore(request: DatabaseStoreRequest): Promise<Store> {
  const { database, project, settings, unknownProject, waitMs, queueLimit } = request;
  return openPostgresStore({
    pool: database.pool,
    project,
    unknownProject,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: { waitMs, queueLimit, statementMs: settings.store.statementMs },
  });
}

/** Works on a database as a whole, apart from any project, and closes it whatever happens. */
export async function withDatabase<T>(
  request: DatabaseRequest,
  work: (projects: PostgresProjects, database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(request);
  try {
    return await work(createPostgresProjects(database.pool, migrations), database);
  } finally {
    await closeDatabase(database);
  }
}

/** A store whose connections end with it: for a process that has one project. */
export async function openOwnStore(
  place: Extract<StorePlace, { kind: "postgres" }>,
  request: Omit<DatabaseRequest, "reference"> &
    Pick<DatabaseStoreRequest, "unknownProject" | "waitMs">,
): Promise<WokenStore> {
  const { reference, project } = place;
  const database = await openDatabase({ ...request, reference });
  const letGo = async (): Promise<void> => closeDatabase(database);
  const store = await closingOnFailure(letGo, async () =>
    namingNear(database, project, async () => openDatabaseStore({ ...request, database, project })),
  );
  const close = async (): Promise<void> => closeAll([async () => store.close(), letGo]);
  return { store: { ...store, close }, bus: database.bus };
}

/** A misspelt project is told with the one that was meant, to whoever has the whole database. */
async function namingNear<T>(
  { pool }: Database,
  project: string,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof SkeinError) || error.code !== storeErrors.noProject.code) {
      throw error;
    }
    const near = nearest(project, await createPostgresProjects(pool, migrations).list());
    throw near === null
      ? error
      : new SkeinError(storeErrors.noProject, {
          message: `${error.message} Did you mean "${near}"?`,
          facts: { project, near },
          cause: error,
        });
  }
}

/** What may be written down of a reference: an address with a password stays where it was given, in the variable. */
export function keepable(reference: string): string {
  const isSecret = isDatabaseUrl(reference) && parseDatabaseUrl(reference).hasPassword;
  return isSecret ? `env:${databaseVariable}` : reference;
}

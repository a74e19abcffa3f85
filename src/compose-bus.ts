import { createBus } from "./adapters/bus/bus.ts";
import { busErrors } from "./adapters/bus/errors.ts";
import { createPostgresCarrier } from "./adapters/bus/postgres-carrier.ts";
import { createRedisCarrier } from "./adapters/bus/redis-carrier.ts";
import { followTrail } from "./adapters/secrets/trail.ts";
import { SkeinError } from "./core/base/errors.ts";
import type { Bus, BusHealth } from "./core/events/index.ts";
import type { PostgresPool } from "./core/store/index.ts";
import type { BusSettings } from "./settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The variable that holds the address of the bus, or a reference to it. */
const busVariable = "SKEIN_BUS_URL";

export interface BusRequest {
  readonly settings: BusSettings;
  readonly env: Env;
  readonly pool: PostgresPool;
  /** The database's own address, for a bus without one. */
  readonly databaseUrl: string;
  /** Told when the bus goes down and when it is well again. */
  readonly onChange?: ((health: BusHealth) => void) | undefined;
}

/**
 * Makes the bus of all processes over one database; it connects when somebody watches or rings.
 *
 * @throws {SkeinError} SKN-2182 without a usable address, SKN-2971, SKN-397x where it cannot be looked up.
 */
export async function openBus(request: BusRequest): Promise<Bus> {
  const { settings, pool, databaseUrl, onChange } = request;
  const url = await addressOf(request);
  const kind = settings.kind ?? (url !== null && isRedis(url) ? "redis" : "postgres");
  if (kind === "redis") {
    if (url === null || !isRedis(url)) {
      throw new SkeinError(busErrors.noAddress, { facts: { kind } });
    }
    return createBus({ carrier: createRedisCarrier({ url }), onChange });
  }
  if (url !== null && !/^postgres(?:ql)?:/u.test(url)) {
    throw new SkeinError(busErrors.noAddress, { facts: { kind } });
  }
  return createBus({ carrier: createPostgresCarrier({ url: url ?? databaseUrl, pool }), onChange });
}

function isRedis(url: string): boolean {
  return /^rediss?:\/\/./u.test(url);
}

/** A reference may name a program that is given an address. */
function isAddress(text: string): boolean {
  return /^(?!file:)[a-z][a-z\d+.-]*:\/\//iu.test(text);
}

async function addressOf({ settings, env }: BusRequest): Promise<string | null> {
  const isSet = (env[busVariable] ?? env[`${busVariable}_FILE`] ?? "") !== "";
  const reference = settings.url ?? (isSet ? `env:${busVariable}` : null);
  return reference === null
    ? null
    : followTrail(reference, { env, isEnd: isAddress, named: "as `bus.url` in skein.yml" });
}

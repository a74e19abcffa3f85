import type { Repository } from "../../adapters/git/index.ts";
import { findServer, serverVariable } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { Settings } from "../../settings.ts";
import {
  databaseVariable,
  findPlace,
  projectVariable,
  readPin,
  storeDirOf,
} from "../../store-place.ts";
import type { CliIo } from "../io.ts";

/** Who says where something is: `init` is what a person agreed to in this clone. */
export type PlaceOrigin = "flag" | "env" | "init" | "file" | "default";

/** Where something of this clone is, and who says so. */
export interface PlaceRow {
  readonly name: "ledger" | "project" | "server" | "token";
  /** Null: nowhere. */
  readonly value: string | null;
  readonly origin: PlaceOrigin;
  /** As `SKEIN_URL` or `store.json`; null for a default. */
  readonly where: string | null;
  readonly note: string | null;
}

export interface PlaceSearch {
  readonly repository: Repository;
  readonly settings: Settings;
  readonly env: CliIo["env"];
  /** True for a word that was given as a flag of this call, as `--db`. */
  readonly isFlag: (name: "db" | "project" | "url") => boolean;
  /** A reference or an address as it may be shown. */
  readonly shown: (text: string) => string;
}

/** Tells where the ledger, its project, the server and the token for it are. Nothing is opened, and no secret is looked up. */
export function readPlaces(search: PlaceSearch): readonly PlaceRow[] {
  return [
    orTrouble("ledger", () => ledgerRow(search)),
    orTrouble("project", () => projectRow(search)),
    orTrouble("server", () => serverRow(search)),
    orTrouble("token", () => tokenRow(search)),
  ];
}

/** What cannot be told is told as that: the rest is worth seeing all the more. */
function orTrouble(name: PlaceRow["name"], tell: () => PlaceRow): PlaceRow {
  try {
    return tell();
  } catch (error) {
    if (error instanceof SkeinError) {
      const note = `${error.code} ${error.message} ${error.fix}`;
      return { name, value: null, origin: "default", where: null, note };
    }
    throw error;
  }
}

function ledgerRow({ repository, settings, env, isFlag, shown }: PlaceSearch): PlaceRow {
  const place = findPlace({ repository, env, settings });
  const value = place.kind === "sqlite" ? place.file : shown(place.reference);
  const from = saidBy({
    variables: [databaseVariable, `${databaseVariable}_FILE`],
    env,
    flag: isFlag("db") ? "--db" : null,
  });
  const isNoted = readPin(storeDirOf(repository)) !== null;
  return {
    name: "ledger",
    value,
    note: null,
    ...(from ?? (isNoted ? noted("store.json") : usual)),
  };
}

function projectRow({ repository, settings, env, isFlag }: PlaceSearch): PlaceRow {
  const place = findPlace({ repository, env, settings });
  if (place.kind === "sqlite") {
    return { name: "project", value: null, ...usual, note: "A SQLite file is one project." };
  }
  const row = { name: "project", value: place.project, note: null } as const;
  const from = saidBy({
    variables: [projectVariable],
    env,
    flag: isFlag("project") ? "--project" : null,
  });
  if (from !== null) {
    return { ...row, ...from };
  }
  if (readPin(storeDirOf(repository)) !== null) {
    return { ...row, ...noted("store.json") };
  }
  return settings.store.project === null
    ? { ...row, ...usual }
    : { ...row, origin: "file", where: "store.project" };
}

function serverRow({ repository, env, isFlag }: PlaceSearch): PlaceRow {
  const server = findServer({ storeDir: storeDirOf(repository), env });
  if (server === null) {
    return { name: "server", value: null, ...usual, note: null };
  }
  const from = saidBy({ variables: [serverVariable], env, flag: isFlag("url") ? "--url" : null });
  return {
    name: "server",
    value: server.address.base,
    note: null,
    ...(from ?? noted("server.json")),
  };
}

function tokenRow({ repository, env, shown }: PlaceSearch): PlaceRow {
  const reference = findServer({ storeDir: storeDirOf(repository), env })?.tokenReference ?? null;
  if (reference === null) {
    return { name: "token", value: null, ...usual, note: null };
  }
  const from = saidBy({ variables: ["SKEIN_TOKEN_FILE", "SKEIN_TOKEN"], env, flag: null });
  return { name: "token", value: shown(reference), note: null, ...(from ?? noted("server.json")) };
}

type From = Pick<PlaceRow, "origin" | "where">;

const usual: From = { origin: "default", where: null };

function noted(file: string): From {
  return { origin: "init", where: file };
}

interface Saying {
  /** The first that is set counts. */
  readonly variables: readonly string[];
  readonly env: CliIo["env"];
  readonly flag: string | null;
}

function saidBy({ variables, env, flag }: Saying): From | null {
  if (flag !== null) {
    return { origin: "flag", where: flag };
  }
  const where = variables.find((name) => (env[name] ?? "").trim() !== "") ?? null;
  return where === null ? null : { origin: "env", where };
}

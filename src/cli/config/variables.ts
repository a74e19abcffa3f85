import type { CliIo } from "../io.ts";

/** A variable of a machine, as against one of a setting. */
export interface MachineVariable {
  readonly name: string;
  readonly means: string;
  /** What of its value may be shown: all, where it leads (an address without what lets somebody in), or only that it is set. */
  readonly shows: "all" | "place" | "nothing";
}

/** The variables that Skein reads beside those of settings. */
export const machineVariables: readonly MachineVariable[] = [
  all("SKEIN_DATABASE_URL_FILE", "the file that holds the database's address"),
  place("SKEIN_DATABASE_URL", "the database that has the ledger, or a reference to its address"),
  all("SKEIN_PROJECT", "the project's name in the database"),
  place("SKEIN_URL", "the server that coordinates this clone"),
  all("SKEIN_TOKEN_FILE", "the file that holds the token for the server"),
  secret("SKEIN_TOKEN", "the token for the server"),
  place("SKEIN_BUS_URL", "the bus that wakes the nodes over a database, or a reference to it"),
  secret("SKEIN_AUDIT_KEY", "the key that signs the log's head, or a reference to it"),
  secret("SKEIN_STATE_KEY", "what signs Skein's state in comments on GitHub"),
  all("SKEIN_TRUSTED_PROVIDERS", "fingerprints of providers that are agreed to"),
  all("SKEIN_MIN_FREE_MEMORY_MB", "with less free memory no new task is handed out (default 64)"),
  all("SKEIN_MIN_FREE_DISK_MB", "the same for the disk of the store (default 256)"),
  all("SKEIN_MAX_MEMORY_PERCENT", "with more memory in use no new task is handed out"),
  all("SKEIN_MAX_DISK_PERCENT", "the same for the disk of the store"),
  all("SKEIN_PERSON", "says that a person acts, whatever else the environment names"),
  secret("SKEIN_SESSION", "the handle of the session that acts"),
  all("SKEIN_EXTERNAL_ID", "what its host calls the agent that acts"),
  all("SKEIN_PARENT_EXTERNAL_ID", "what its host calls the agent that started it"),
  all("SKEIN_AUTH", "`skein serve`: 1 lets `auth` of the settings say who may call"),
  all("SKEIN_LOG_FORMAT", "`skein serve`: text or json"),
  all("SKEIN_STATE_DIR", "`skein serve`: where it keeps what belongs to the machine"),
  all("SKEIN_BACKUP_DIR", "`skein serve`: the folder of the backups whose age it tells"),
  all("SKEIN_BOT_KEYS", "`skein bot`: variables that settings of repositories may name as keys"),
  all("SKEIN_BOT_BASE_URLS", "`skein bot`: addresses that settings of repositories may have"),
];

function all(name: string, means: string): MachineVariable {
  return { name, means, shows: "all" };
}

function place(name: string, means: string): MachineVariable {
  return { name, means, shows: "place" };
}

function secret(name: string, means: string): MachineVariable {
  return { name, means, shows: "nothing" };
}

/** A variable as it is here. */
export interface SetVariable {
  readonly name: string;
  readonly means: string;
  readonly isSet: boolean;
  /** What may be shown; null where it is not set. */
  readonly shown: string | null;
}

/** Tells which variables of a machine are set, and of their values what may be shown. */
export function readVariables(
  env: CliIo["env"],
  shownPlace: (text: string) => string,
): readonly SetVariable[] {
  return machineVariables.map(({ name, means, shows }) => {
    const text = env[name] ?? "";
    if (text === "") {
      return { name, means, isSet: false, shown: null };
    }
    const views = { all: text, place: shownPlace(text), nothing: "(set, not shown)" };
    return { name, means, isSet: true, shown: views[shows] };
  });
}

import type { CommandRunner } from "./command-runner.ts";
import type { Faults } from "./faults.ts";
import type { Gate } from "./gate/index.ts";
import type { Lanes } from "./lanes.ts";
import type { LiveProjects } from "./live-projects.ts";
import type { Traffic } from "./traffic.ts";

/** What all requests of one server share. */
export interface ServerParts {
  readonly version: string;
  readonly gate: Gate;
  readonly projects: LiveProjects;
  /** The project that answers without a name; null when there are several. */
  readonly only: string | null;
  readonly lanes: Lanes;
  readonly traffic: Traffic;
  readonly faults: Faults;
  /** Null where this server runs no commands. */
  readonly commands: CommandRunner | null;
  /** The folder whose newest file is the newest backup; null where nobody named one. */
  readonly backupDir: string | null;
  /** Origins of pages that may call, exact, as `https://board.example.org`. */
  readonly origins: readonly string[];
  /** Aborts when the server is told to end. */
  readonly draining: AbortSignal;
}

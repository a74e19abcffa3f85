import type { Rounds } from "../core/base/rounds.ts";
import type { BodyRoom } from "./body-room.ts";
import type { CommandRunner } from "./command-runner.ts";
import type { Faults } from "./faults.ts";
import type { Gate } from "./gate/index.ts";
import type { Lanes } from "./lanes.ts";
import type { LiveProjects } from "./live-projects.ts";
import type { ServerLog } from "./log/server-log.ts";
import type { Refusals } from "./refusals.ts";
import type { Traffic } from "./traffic.ts";

/** How streams of events are kept up. */
export interface StreamTiming {
  /** A sign of life comes this often, so that nobody between takes the stream for dead, in milliseconds. */
  readonly beatMs: number;
  /** A reader that takes nothing for this long is cut off, that of an answer as well; one of a stream comes back and goes on where it was. */
  readonly slowMs: number;
}

/** What all requests of one server share. */
export interface ServerParts {
  readonly version: string;
  readonly gate: Gate;
  readonly projects: LiveProjects;
  /** The project that answers without a name; null when there are several. */
  readonly only: string | null;
  readonly lanes: Lanes;
  readonly bodies: BodyRoom;
  /** Where marks of commits are judged: so many in a round of events. */
  readonly judging: Rounds;
  /** Streams of events that look where they begin. */
  readonly beginning: Rounds;
  readonly refusals: Refusals;
  readonly traffic: Traffic;
  readonly faults: Faults;
  readonly logRequest: ServerLog["request"];
  /** Null where this server runs no commands. */
  readonly commands: CommandRunner | null;
  /** The description of the API in OpenAPI, as JSON. */
  readonly description: () => string;
  /** The folder whose newest file is the newest backup; null where nobody named one. */
  readonly backupDir: string | null;
  /** Origins of pages that may call, exact, as `https://board.example.org`. */
  readonly origins: readonly string[];
  readonly streams: StreamTiming;
  /** Aborts when the server is told to end. */
  readonly draining: AbortSignal;
}

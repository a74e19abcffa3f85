import type { OpenProject } from "../compose.ts";
import type { Repository } from "../adapters/git/index.ts";
import type { ServedModels } from "../compose-projects.ts";
import type { Principal } from "../core/access/index.ts";
import type { Caller } from "../core/dispatch/index.ts";
import type { SentWork } from "../sent-work.ts";
import { SkeinError } from "../core/base/errors.ts";
import { cliErrors } from "./errors.ts";

/** A project as those commands see it that need nothing but its store. */
export interface StoredProject extends Pick<OpenProject, "skein" | "settings"> {
  /** Null where this machine has none of it, or the caller is not of this machine. */
  readonly repository: Repository | null;
  /** The folder of the store; null where the store is elsewhere, or the caller is. */
  readonly storeDir: string | null;
}

/** What surrounds a command inside a server: the project is open and stays so, and the caller is of another machine. */
export interface Within {
  readonly project: StoredProject;
  /** Who calls, as it was proved. */
  readonly principal: Principal;
  /** See `Caller`. */
  readonly ensureAdmitted: Caller["ensureAdmitted"];
  /** Whose models are asked for the caller, and where answers are kept. */
  readonly models: ServedModels & { readonly storeDir: string };
  /** What the caller sent of its repository. */
  readonly work: SentWork;
  /** Tells the caller how far the command is. */
  readonly tell: (told: Told) => void;
}

/** How far a command is. */
export interface Told {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

/** @throws {SkeinError} SKN-8003: inside a server there are no files of the caller. */
export function needOwnMachine(within: Within | undefined, what: string): void {
  if (within !== undefined) {
    throw new SkeinError(cliErrors.notServed, { message: `${what} cannot be done by a server.` });
  }
}

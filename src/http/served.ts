import type { OpenProject } from "../compose.ts";
import type { Skein } from "../core/index.ts";

/** A project that a server has open. */
export interface ServedProject {
  /** As it stands in addresses: `/p/NAME/…`. */
  readonly name: string;
  readonly skein: Skein;
  /** What this machine has of it besides; null where it has no repository of the project. */
  readonly composed: OpenProject | null;
  close(): Promise<void>;
}

/** The projects of a server. */
export interface ServedProjects {
  /** The one project of a server that has exactly one: it answers without a name, too. */
  readonly only: string | null;
  names(): Promise<readonly string[]>;
  /** Opens a project; null when there is none of that name. @throws {SkeinError} SKN-7xxx while its store is away. */
  open(name: string): Promise<ServedProject | null>;
  /** Lets go of what they share. Projects are closed before. */
  close(): Promise<void>;
}

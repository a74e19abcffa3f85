import type { Repository } from "../../adapters/git/index.ts";
import type { AppCredentials } from "../../compose-github.ts";
import type { OpenProject } from "../../compose.ts";

/** How bad a finding is: `fail` stops work, `warn` weakens a promise, `note` is to know, `ok` is well. */
export type Level = "fail" | "warn" | "note" | "ok";

/** One thing that the doctor looked at. */
export interface Finding {
  /** Stable, as `git-hook-missing`. */
  readonly id: string;
  readonly level: Level;
  readonly what: string;
  /** Why it matters; empty where all is well. */
  readonly why: string;
  /** The exact next step; empty where all is well. */
  readonly fix: string;
  /** What else is wrong with the same file, each with its line and column; else empty. */
  readonly also: readonly string[];
  /** Mends it, where that needs no decision; null elsewhere. */
  readonly mend: (() => Promise<void>) | null;
}

/** Where the doctor looks. */
export interface Patient {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly repository: Repository;
  readonly storeDir: string;
  /** Null where it cannot be opened, or nobody has set Skein up. */
  readonly project: OpenProject | null;
  /** The App that works on this repository, where its key was given; null: it was not. */
  readonly app: AppCredentials | null;
}

/** Something that is not as it should be. */
export function trouble(
  level: Exclude<Level, "ok">,
  id: string,
  words: Pick<Finding, "what" | "why" | "fix"> & Partial<Pick<Finding, "also" | "mend">>,
): Finding {
  return { also: [], mend: null, ...words, level, id };
}

export function fine(id: string, what: string): Finding {
  return { id, level: "ok", what, why: "", fix: "", also: [], mend: null };
}

import type { MicroUsd } from "../base/ids.ts";
import type { KeepingDeps } from "./keeping.ts";
import type { Work } from "./work.ts";

/** What splitting issues is made of. */
export interface DecompositionDeps extends KeepingDeps {
  /** The commit that work starts from now; null in a repository without one. */
  readonly readBase: () => Promise<string | null>;
  /** What one issue may cost; null: no limit. */
  readonly issueLimit: MicroUsd | null;
  /** The database's plans; null where none outlives the run. */
  readonly work: Work | null;
}

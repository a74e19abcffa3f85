/** What a draft is checked for. */
export type Rule =
  | "shape"
  | "reference"
  | "cycle"
  | "breadth"
  | "filler"
  | "duplicate"
  | "size"
  | "path"
  | "scope"
  | "operation"
  | "overlap";

/** Why a draft is not safe for parallel agents. */
export interface DraftFault {
  readonly rule: Rule;
  /** Ids of the tasks that it concerns. */
  readonly tasks: readonly string[];
  /** In our own words, with names: it goes to people, and to the model that has to mend it. */
  readonly message: string;
}

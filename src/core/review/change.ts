/** A change under review: from the merge base to the head, computed locally, renames followed. */
export interface Change {
  /** The merge base's commit; null for a patch file. */
  readonly base: string | null;
  /** The head's commit; null for the working tree or a patch file. */
  readonly head: string | null;
  readonly files: readonly ChangedFile[];
}

export interface ChangedFile {
  /** On the new side; of a deleted file: the old one. */
  readonly path: string;
  /** Where a renamed or copied file came from, else null. */
  readonly oldPath: string | null;
  readonly kind: "added" | "modified" | "deleted" | "renamed";
  readonly isBinary: boolean;
  readonly hunks: readonly Hunk[];
}

export interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  /** What stands behind the second `@@`: mostly the enclosing symbol. */
  readonly section: string;
  readonly lines: readonly DiffLine[];
}

export interface DiffLine {
  readonly kind: "context" | "added" | "removed";
  /** Null on an added line. */
  readonly oldLine: number | null;
  /** Null on a removed line. */
  readonly newLine: number | null;
  /** Without the leading sign and the line end. */
  readonly text: string;
}

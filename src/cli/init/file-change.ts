/** What `init` wants of one file. */
export interface FileChange {
  /** Absolute. */
  readonly path: string;
  /** The text now; null when there is no file. */
  readonly before: string | null;
  /** The text afterwards; null when the file goes. */
  readonly after: string | null;
  /** The permission bits of the file afterwards, where they matter; null leaves them. */
  readonly mode: number | null;
  /** Where the link leads that stands there afterwards, null for a file of its own: a link that stands there now is replaced. Default: a link is followed. */
  readonly link?: string | null | undefined;
}

/** True when there is something to write. */
export function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}

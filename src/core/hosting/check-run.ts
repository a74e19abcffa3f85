/** How a check ended. `neutral` neither blocks nor passes. */
export type Conclusion = "success" | "neutral" | "failure" | "cancelled" | "skipped";

/** A remark of a check on lines of the head. */
export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly level: "notice" | "warning" | "failure";
  /** Plain text, at most 255 characters. */
  readonly title: string;
  /** Plain text, at most 64 KB. */
  readonly message: string;
}

/** A check on a commit, to be shown in place of the last of its name. */
export interface CheckReport {
  readonly headSha: string;
  /** As `skein/review`. */
  readonly name: string;
  /** Null: it still runs. */
  readonly conclusion: Conclusion | null;
  readonly title: string;
  /** Markdown, at most 65,535 characters. */
  readonly summary: string;
  /** Markdown below the summary; empty: none. */
  readonly text: string;
  /** Sent in as many requests as the host needs. */
  readonly annotations: readonly Annotation[];
  /** Text of ours that names what the check was made of; null: none. */
  readonly externalId: string | null;
  readonly detailsUrl: string | null;
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly conclusion: Conclusion | null;
  readonly externalId: string | null;
  /** The App that made it; null when nobody knows. */
  readonly appId: number | null;
}

/** How often a kind of secret was taken out of a text. */
export interface RedactedKind {
  /** As it stands in the text now: `aws-access-key` for `[redacted:aws-access-key]`. */
  readonly kind: string;
  readonly count: number;
}

/** A text without the secrets that were found in it. */
export interface Redacted {
  readonly text: string;
  /** By kind, in the order of the kinds' names; empty when the text is as it was. */
  readonly found: readonly RedactedKind[];
}

/** Takes secrets out of texts before they leave for a model. A redactor that rejects means: no call. */
export interface Redactor {
  /** Replaces each secret by `[redacted:kind]`. Lines stay lines: no line break is taken out or added. */
  redact(text: string): Promise<Redacted>;
}

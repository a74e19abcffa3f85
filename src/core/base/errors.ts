/**
 * What the caller of a failed operation can do about it. Each kind has one CLI exit code:
 * `failed` 1, `usage` 2, `config` 3, `auth` 4, `conflict` 5, `missing` 6, `budget` 7, `unavailable` 8 (retry), `unsafe` 9,
 * `timeout` 10.
 */
export type ErrorKind =
  | "failed"
  | "usage"
  | "config"
  | "auth"
  | "conflict"
  | "missing"
  | "budget"
  | "unavailable"
  | "unsafe"
  | "timeout";

/** One entry of the error catalogue, the same text that `skein explain SKN-####` prints. */
export interface ErrorEntry {
  /** `SKN-` and four digits; stable for ever once released. */
  readonly code: `SKN-${number}`;
  readonly kind: ErrorKind;
  /** One sentence: what went wrong, in general. */
  readonly title: string;
  /** Why it usually happens. */
  readonly cause: string;
  /** The one next step that mends it. */
  readonly fix: string;
}

/** The particulars of one failure. */
export interface ErrorDetail {
  /** What went wrong this time, with names and numbers. Default: the entry's title. */
  readonly message?: string | undefined;
  /** A more precise next step than the entry's. Default: the entry's fix. */
  readonly fix?: string | undefined;
  /** Facts for programs: snake_case keys, JSON values. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  /** When to try again, in milliseconds from now; only where trying again helps. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The same in every copy of this file: a bundle has its own, beside that of the built modules which it loads late. */
const mark = Symbol.for("skein.error");

/** A promise that Skein could not keep: a stable code, facts, and the next step. */
export class SkeinError extends Error {
  /** True for the errors of every copy of this class in the process. */
  static override [Symbol.hasInstance](value: unknown): value is SkeinError {
    return typeof value === "object" && value !== null && mark in value && value[mark] === true;
  }

  readonly [mark] = true;
  readonly code: ErrorEntry["code"];
  readonly kind: ErrorKind;
  /** Why it usually happens: the entry's cause. (`cause` holds the foreign error, when there is one.) */
  readonly why: string;
  readonly fix: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | null;

  constructor(entry: ErrorEntry, detail: ErrorDetail = {}) {
    super(detail.message ?? entry.title, { cause: detail.cause });
    this.name = "SkeinError";
    this.code = entry.code;
    this.kind = entry.kind;
    this.why = entry.cause;
    this.fix = detail.fix ?? entry.fix;
    this.facts = detail.facts ?? {};
    this.retryAfterMs = detail.retryAfterMs ?? null;
  }
}

/** Declares a module's part of the error catalogue. */
export function defineErrors<const E extends Readonly<Record<string, ErrorEntry>>>(entries: E): E {
  return entries;
}

/** What every door of every server says of a body alike. */
export const bodyErrors = defineErrors({
  tooLarge: {
    code: "SKN-1937",
    kind: "usage",
    title: "The body is too large.",
    cause:
      "A body has a bound: 4 MB, 64 MB for a command of whoever may import plans, and 25 MB for a webhook. It is not read any further.",
    fix: "Send less at once: part the plan or the list, or point at what is long instead of sending it.",
  },
});

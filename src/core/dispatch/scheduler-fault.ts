import { SkeinError } from "../base/errors.ts";

/** A fault of choosing a task that no rule foresees, as a path that cannot be looked at. Never one of the store: its transaction goes on. */
export class SchedulerFault extends Error {
  /** What could not be done, in words of ours: `reading the paths of demo/T3`. */
  readonly doing: string;
  /** The short name of the system's error, as `ELOOP`; null when it has none. */
  readonly errorName: string | null;

  constructor(doing: string, cause: unknown) {
    super(`Choosing a task failed while ${doing}.`, { cause });
    this.name = "SchedulerFault";
    this.doing = doing;
    this.errorName = nameOf(cause);
  }
}

/** Runs a part of the choice that touches no store. @throws {SchedulerFault} for whatever is no {@link SkeinError}. */
export function choosing<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SkeinError || error instanceof SchedulerFault
      ? error
      : new SchedulerFault(doing, error);
  }
}

/** One sentence for whoever gets a task all the same. */
export function degradedText({ doing, errorName }: SchedulerFault): string {
  const name = errorName === null ? "" : ` (${errorName})`;
  return `Tasks are handed out one at a time and in the order of their plan, since ${doing} failed${name}.`;
}

/** The short name of the system's error, as `ELOOP`; null for anything else. */
export function nameOf(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z][A-Z_]{2,30}$/u.test(code) ? code : null;
}

import type { ErrorKind } from "../core/base/errors.ts";

/** What the process ends with, by what the caller can do about it; the one table of exit codes. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  config: 3,
  auth: 4,
  conflict: 5,
  missing: 6,
  budget: 7,
  unavailable: 8,
  unsafe: 9,
  timeout: 10,
} as const satisfies Readonly<Record<ErrorKind, number>>;

/** The code of a process that Ctrl-C ended: 128 and the signal's number. */
export const interruptedCode = 130;

/** The code of a process that still ran when whoever read its output had gone: 128 and the number of SIGPIPE. */
export const unreadCode = 141;

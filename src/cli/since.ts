import { SkeinError } from "../core/base/errors.ts";
import { cliErrors } from "./errors.ts";

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Reads where a span of time begins: a day of UTC as `2026-11-01`, or how long ago as `24h`, `7d` or `4w`. Epoch milliseconds.
 *
 * @throws {SkeinError} SKN-1005 for anything else.
 */
export function parseSince(text: string, nowMs: number): number {
  const [, count = "", unit = ""] = /^(\d{1,4})([hdw])$/u.exec(text) ?? [];
  const back = unitMs[unit];
  if (back !== undefined) {
    return Math.max(0, nowMs - Number(count) * back);
  }
  const dayMs = /^\d{4}-\d\d-\d\d$/u.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== text) {
    throw new SkeinError(cliErrors.badValue, {
      message: `--since cannot be ${JSON.stringify(text)}.`,
      fix: "Give a day as 2026-11-01, or how long ago as 24h, 7d or 4w.",
      facts: { option: "--since", value: text },
    });
  }
  return dayMs;
}

const spanMs: Readonly<Record<string, number>> = { m: 60_000, ...unitMs };

/** Reads a span of time, as `30m`, `12h`, `30d` or `4w`, in milliseconds. @throws {SkeinError} SKN-1005 for anything else. */
export function parseSpan(text: string, option: string): number {
  const [, count = "", unit = ""] = /^(\d{1,5})([mhdw])$/u.exec(text) ?? [];
  const oneMs = spanMs[unit];
  if (oneMs === undefined) {
    throw new SkeinError(cliErrors.badValue, {
      message: `${option} cannot be ${JSON.stringify(text)}.`,
      fix: "Give a time as 30m, 12h, 30d or 4w.",
      facts: { option, value: text },
    });
  }
  return Number(count) * oneMs;
}

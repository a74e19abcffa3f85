import { SkeinError } from "../core/base/errors.ts";
import { furtherFaults } from "../core/base/further-faults.ts";
import type { Json, JsonObject } from "../core/base/json.ts";
import type { Answer, GlobalFlags } from "./command.ts";
import { cliErrors } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { plainLine, plainText } from "./visible.ts";

/** The version of everything that `--json` prints; it rises when a field changes its meaning or goes away. */
export const schemaVersion = 1;

/** Prints an answer: one JSON document, or lines for people. */
export function printAnswer(answer: Answer, globals: GlobalFlags, io: CliIo): void {
  if (globals.json) {
    io.write(`${JSON.stringify({ schema_version: schemaVersion, ...answer.data }, null, 2)}\n`);
    return;
  }
  for (const line of answer.lines) {
    io.write(`${line}\n`);
  }
}

/** Prints one line of a stream as NDJSON. */
export function printRecord(record: JsonObject, io: CliIo): void {
  io.write(recordLine(record));
}

/** A record as it stands in a stream or a file of them: a line of JSON. */
export function recordLine(record: JsonObject): string {
  return `${JSON.stringify({ schema_version: schemaVersion, ...record })}\n`;
}

/** Prints what went wrong to standard error; with `--json` as one line of JSON. */
export function printError(
  error: unknown,
  globals: Pick<GlobalFlags, "json" | "debug" | "color">,
  io: Pick<CliIo, "warn">,
): void {
  const known = toSkeinError(error);
  if (globals.json) {
    io.warn(JSON.stringify({ schema_version: schemaVersion, error: errorData(known) }));
  } else {
    const paint = painter(globals.color);
    // Names and values of others stand in messages, and no colour and no line end of ours.
    io.warn(`${paint.red(known.code)} ${plainLine(known.message)}`);
    io.warn(`  Why:  ${plainLine(known.why)}`);
    io.warn(`  Next: ${plainLine(known.fix)}`);
    for (const fault of furtherFaults(known)) {
      io.warn(`  Also: ${plainLine(fault)}`);
    }
  }
  if (globals.debug) {
    const { cause } = known;
    io.warn(plainText(known.stack ?? known.message));
    io.warn(cause instanceof Error ? plainText(`caused by ${cause.stack ?? cause.message}`) : "");
  }
}

/** Anything thrown, as an error of the catalogue. */
export function toSkeinError(error: unknown): SkeinError {
  if (error instanceof SkeinError) {
    return error;
  }
  const words = error instanceof Error ? error.message : String(error);
  return new SkeinError(cliErrors.unexpected, {
    message: `Internal error: ${words}`,
    cause: error,
  });
}

function errorData(error: SkeinError): JsonObject {
  const { code, kind, message, why, fix, retryAfterMs } = error;
  return {
    code,
    kind,
    message,
    cause: why,
    fix,
    facts: plainJson(error.facts),
    retry_after_ms: retryAfterMs,
  };
}

/** Facts as JSON has them: what cannot be written is left out. */
function plainJson(value: SkeinError["facts"]): Json {
  const parsed: Json = JSON.parse(JSON.stringify(value));
  return parsed;
}

/** Marks words for the eye; without colours the words stay as they are. */
export interface Painter {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function painter(hasColor: boolean): Painter {
  const paint =
    (on: number, off: number) =>
    (text: string): string =>
      hasColor ? `\u{1b}[${String(on)}m${text}\u{1b}[${String(off)}m` : text;
  return {
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    dim: paint(2, 22),
    bold: paint(1, 22),
  };
}

/** Decides on colours: `--no-color`, then `NO_COLOR`, then `FORCE_COLOR`, then whether a terminal is there that can show them. */
export function wantsColor(
  isAllowed: boolean,
  { env, isTerminal }: Pick<CliIo, "env" | "isTerminal">,
): boolean {
  const forced = env["FORCE_COLOR"] ?? "";
  if (!isAllowed || (env["NO_COLOR"] ?? "") !== "") {
    return false;
  }
  if (forced !== "") {
    return forced !== "0";
  }
  return isTerminal && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
}

/** Lays rows out in columns under a head, two spaces apart; the last column is not padded. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => (row[at] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, at) => (at === head.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { initErrors } from "./errors.ts";
import { besideBlock, loneMark, removeBlock, setBlock } from "./marked-block.ts";
import { readToml } from "./toml.ts";
import type { TomlFault } from "./toml.ts";
import { lineOfEntry } from "./toml-entry.ts";

/**
 * A text of TOML with Skein's lines between their marks, and nothing else changed.
 *
 * @throws {SkeinError} SKN-2094 with line and column where the rest is no TOML, SKN-2093 where it leaves no place for Skein's lines.
 */
export function withLines(label: string, text: string | null, lines: readonly string[]): string {
  const before = text ?? "";
  checkMarks(label, before);
  const beside = besideBlock(before);
  const reading = readToml(beside);
  if (reading.kind === "fault") {
    throw notToml(label, reading.faults);
  }
  const after = setBlock(before, lines, lineEndOf(before));
  const whole = readToml(after);
  const own = ownValue(reading.table, "mcp_servers");
  if (whole.kind === "fault" || takesNone(own)) {
    const line = lineOfEntry(beside, "mcp_servers", "skein");
    const fallback = whole.kind === "fault" ? whole.faults[0]?.line : undefined;
    throw taken(label, own, line ?? fallback ?? null);
  }
  return after;
}

/** What stops its program from reading the text as it stands, Skein's own lines among it; null where nothing does. */
export function tomlFault(label: string, text: string): SkeinError | null {
  const reading = readToml(text);
  return reading.kind === "fault" ? notToml(label, reading.faults) : null;
}

/** The text without Skein's lines; it need be no TOML. @throws {SkeinError} SKN-2093 where one of their marks is lost. */
export function withoutLines(label: string, text: string): string {
  let left = text;
  for (let next = removeBlock(left); next !== left; next = removeBlock(left)) {
    left = next;
  }
  checkMarks(label, left);
  return left;
}

/** True where no table `skein` can be added, or one stands there. */
function takesNone(servers: unknown): boolean {
  return servers !== undefined && (!isLooseObject(servers) || hasSkein(servers));
}

function hasSkein(servers: LooseObject): boolean {
  return Object.hasOwn(servers, "skein");
}

function taken(label: string, servers: unknown, line: number | null): SkeinError {
  const where = `${label}${line === null ? "" : `, line ${String(line)}`}`;
  const facts = { file: label, line };
  if (servers !== undefined && !(isLooseObject(servers) && hasSkein(servers))) {
    return oneValue(where, facts);
  }
  return new SkeinError(initErrors.hasOwnEntry, {
    message: `${where}: a server \`skein\` is set up there already.`,
    facts,
  });
}

function oneValue(where: string, facts: Readonly<Record<string, unknown>>): SkeinError {
  return new SkeinError(initErrors.hasOwnEntry, {
    message: `${where}: \`mcp_servers\` is one value there, to which nothing can be added.`,
    fix: "Write each server as a table of its own, as `[mcp_servers.name]`; then run `skein init` again.",
    facts,
  });
}

function checkMarks(label: string, text: string): void {
  const lone = loneMark(text);
  if (lone !== null) {
    const { mark, line } = lone;
    throw new SkeinError(initErrors.hasOwnEntry, {
      message: `${label}, line ${String(line)}: Skein's mark \`${mark}\` stands alone, so that nobody knows which lines are Skein's.`,
      fix: "Take the mark out, and the lines that Skein wrote there; then run `skein init` again.",
      facts: { file: label, line },
    });
  }
}

function notToml(label: string, faults: readonly TomlFault[]): SkeinError {
  const [first] = faults;
  const place =
    first === undefined
      ? "."
      : `: line ${String(first.line)}, column ${String(first.column)}: ${first.message}`;
  return new SkeinError(initErrors.notToml, {
    message: `${label} is no TOML${place}`,
    facts: {
      file: label,
      line: first?.line ?? null,
      column: first?.column ?? null,
      errors: faults,
    },
  });
}

function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject } from "../../core/base/loose-object.ts";
import { initErrors } from "./errors.ts";
import type { LoneMark } from "./marked-block.ts";
import { readToml } from "./toml.ts";
import type { TomlFault } from "./toml.ts";

/** What stops its program from reading the text as it stands, Skein's own lines among it; null where nothing does. */
export function tomlFault(label: string, text: string): SkeinError | null {
  const reading = readToml(text);
  return reading.kind === "fault" ? notToml(label, reading.faults) : null;
}

/** A text that is no TOML. */
export function notToml(label: string, faults: readonly TomlFault[]): SkeinError {
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

/** A text that sets up a server `skein` beside Skein's lines, or `mcp_servers` as one value. */
export function taken(label: string, servers: unknown, line: number | null): SkeinError {
  const where = `${label}${line === null ? "" : `, line ${String(line)}`}`;
  const facts = { file: label, line };
  if (servers !== undefined && !(isLooseObject(servers) && Object.hasOwn(servers, "skein"))) {
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

/** What others put among Skein's lines, or below them, where it cannot stay as it is. */
export function mixed(label: string, line: number | null): SkeinError {
  const where = `${label}${line === null ? "" : `, line ${String(line)}`}`;
  return new SkeinError(initErrors.hasOwnEntry, {
    message: `${where}: what stands there between Skein's marks, or below them, is not Skein's, and would be lost or mean something else.`,
    fix: "Move it above the mark `# >>> skein >>>`, or below a `[table]` of its own behind `# <<< skein <<<`; then run `skein init` again.",
    facts: { file: label, line },
  });
}

/** A mark without the other one. */
export function loneMarkRefusal(label: string, { mark, line }: LoneMark): SkeinError {
  return new SkeinError(initErrors.hasOwnEntry, {
    message: `${label}, line ${String(line)}: Skein's mark \`${mark}\` stands alone, so that nobody knows which lines are Skein's.`,
    fix: "Take the mark out, and the lines that Skein wrote there; then run `skein init` again.",
    facts: { file: label, line },
  });
}

import { parse } from "smol-toml";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { isHead, namesIn } from "./toml-entry.ts";
import { endsReading, tomlSentence } from "./toml-words.ts";
import type { TomlPlace } from "./toml-words.ts";

/** A place in a text that is no TOML, and what is wrong there. */
export interface TomlFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type TomlReading =
  | { readonly kind: "read"; readonly table: LooseObject }
  /** At least one, the first of the text first. */
  | { readonly kind: "fault"; readonly faults: readonly TomlFault[] };

/** More of them help nobody, and each costs a reading. */
const mostFaults = 10;

/** Reads TOML, and says of a text that is none all that is wrong with it, in words that repeat nothing of the text. */
export function readToml(text: string): TomlReading {
  const faults: TomlFault[] = [];
  const firstLines = firstLinesOf(text);
  let rest = text;
  while (faults.length < mostFaults) {
    const reading = readOnce(rest);
    if (reading.kind === "read") {
      return faults.length === 0 ? reading : { kind: "fault", faults };
    }
    const { line, column, said } = reading.slip;
    const place = placeOf(text, reading.slip, firstLines);
    faults.push({ line, column, message: tomlSentence(said, place) });
    const next = endsReading(said, place) ? null : withoutLine(rest, line);
    if (next === null) {
      break;
    }
    rest = next;
  }
  return { kind: "fault", faults };
}

/** What the reader found first, in its own words. */
interface Slip {
  readonly line: number;
  readonly column: number;
  readonly said: string;
}

function readOnce(
  text: string,
): Extract<TomlReading, { kind: "read" }> | { readonly kind: "slip"; readonly slip: Slip } {
  try {
    // Whole numbers of 64 bits are well in TOML, and more than JavaScript's own numbers hold.
    return { kind: "read", table: parse(text, { integersAsBigInt: true, maxDepth: 200 }) };
  } catch (error) {
    return { kind: "slip", slip: slipOf(error) };
  }
}

/** The reader's own error has the place. Its class is not asked for: a bundle that loads the reader late does not have it. */
function slipOf(error: unknown): Slip {
  if (error instanceof Error && "line" in error && "column" in error) {
    const { line, column, message } = error;
    if (typeof line === "number" && typeof column === "number") {
      return { line, column, said: message.split("\n", 1).join("") };
    }
  }
  throw error;
}

function placeOf(text: string, { line, column, said }: Slip, firstLines: FirstLines): TomlPlace {
  const lineText = (text.split("\n")[line - 1] ?? "").replace(/\r$/u, "");
  const rest = lineText.slice(column - 1);
  return {
    character: rest === "" ? null : rest,
    isFirst: lineText.slice(0, column - 1).trim() === "",
    isHead: isHead(lineText),
    firstLine: /redefine/u.test(said) ? firstLines(line) : null,
  };
}

/** Tells where the name that a line sets was set before it; null where it was not, or not by a line of its own. */
type FirstLines = (line: number) => number | null;

/** All names are looked for with the first question: most texts are well. */
function firstLinesOf(text: string): FirstLines {
  let byLine: ReadonlyMap<number, number> | null = null;
  return (line) => {
    byLine ??= earlierLines(text);
    return byLine.get(line) ?? null;
  };
}

function earlierLines(text: string): ReadonlyMap<number, number> {
  const first = new Map<string, number>();
  const byLine = new Map<number, number>();
  for (const { path, line } of namesIn(text)) {
    const key = path.join("\0");
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, line);
    } else {
      byLine.set(line, earlier);
    }
  }
  return byLine;
}

/** The text without what is wrong on a line, so that the rest is read as if it were well; null where that would make faults of its own. */
function withoutLine(text: string, line: number): string | null {
  const lines = text.split("\n");
  const gone = lines[line - 1] ?? "";
  if (isHead(gone)) {
    // What follows belongs to a table of its own: in the one before it, its names could stand twice.
    return lines.with(line - 1, `["\\u0000${String(line)}"]`).join("\n");
  }
  return isOverLines(gone) ? null : lines.with(line - 1, "").join("\n");
}

/** True where a value may go on in the next line. */
function isOverLines(line: string): boolean {
  const opened = line.split(/[[{]/u).length;
  const closed = line.split(/[\]}]/u).length;
  return opened !== closed || /"""|'''/u.test(line);
}

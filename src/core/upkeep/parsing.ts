import { SkeinError } from "../base/errors.ts";
import { cleanLine } from "../base/text.ts";
import { readJson } from "../plans/index.ts";
import type { SqlValue } from "../store/index.ts";
import { upkeepErrors } from "./errors.ts";
import { exportVersion } from "./snapshot.ts";
import type { ColumnImage, TableImage } from "./table-images.ts";

/** A table's rows as they can be written, in the order of its columns. */
export interface ParsedTable {
  readonly image: TableImage;
  readonly rows: readonly (readonly SqlValue[])[];
}

/** An export whose parts have the right shape; whether they fit together is told after they are restored. */
export interface ParsedExport {
  readonly tables: readonly ParsedTable[];
  /** The lists, for the comparison with what was restored. */
  readonly lists: Readonly<Record<string, unknown>>;
}

/** The lists that stand beside the tables. */
export const listNames = [
  "sessions",
  "plans",
  "tasks",
  "leases",
  "messages",
  "approvals",
  "events",
  "ledger",
  "budgets",
] as const;

/** What stands at the top of every export, beside what says of whom and when it is. */
export const exportParts: readonly string[] = ["schema_version", ...listNames, "tables"];

/** Reads the text of an export. @throws {SkeinError} SKN-1821 to SKN-1823 with the place of the fault. */
export function parseExport(text: string, images: readonly TableImage[]): ParsedExport {
  const state = parseJson(text);
  if (!isRecord(state)) {
    throw shapeFault("$", "An export is an object.");
  }
  ensureVersion(state["schema_version"]);
  for (const name of listNames) {
    if (!Array.isArray(state[name])) {
      throw shapeFault(name, "A list is expected here.");
    }
  }
  return { tables: parseTables(state, images), lists: state };
}

/** @throws {SkeinError} SKN-1823 for another version than ours: what else its exports have or lack is no fault of theirs. */
export function ensureVersion(found: unknown): void {
  if (found !== exportVersion) {
    const written = cleanLine(JSON.stringify(found ?? null), 40);
    throw new SkeinError(upkeepErrors.importVersion, {
      message: `The export has format ${written}; this version reads ${String(exportVersion)}.`,
      facts: { place: "schema_version" },
    });
  }
}

/** Reads JSON of which a file's name, or another word, is told. @throws {SkeinError} SKN-1821 with line and column. */
export function parseJson(text: string, name = "The export"): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The language's own parser tells the place of some faults only.
    const place = placeOfFault(text);
    throw new SkeinError(upkeepErrors.importSyntax, {
      message: `${name} is no JSON from line ${String(place.line)}, column ${String(place.column)} on.`,
      facts: place,
      cause: error,
    });
  }
}

function placeOfFault(text: string): { readonly line: number; readonly column: number } {
  const read = readJson(text);
  const [fault] = read.kind === "faults" ? read.faults : [];
  return { line: fault?.line ?? 1, column: fault?.column ?? 1 };
}

function parseTables(
  state: Readonly<Record<string, unknown>>,
  images: readonly TableImage[],
): readonly ParsedTable[] {
  const { tables } = state;
  if (!isRecord(tables)) {
    throw shapeFault("tables", "An object of tables is expected here.");
  }
  for (const name of Object.keys(tables)) {
    if (name === "events" || !images.some((image) => image.name === name)) {
      throw shapeFault(`tables.${name}`, "There is no such table.");
    }
  }
  return images.map((image) =>
    image.name === "events"
      ? parseTable({ image, rows: state["events"], place: "events", names: { at_ms: "at" } })
      : parseTable({
          image,
          rows: rowsOf(tables, image),
          place: `tables.${image.name}`,
          names: {},
        }),
  );
}

function rowsOf(
  tables: Readonly<Record<string, unknown>>,
  { name, isYounger }: TableImage,
): unknown {
  return isYounger && !Object.hasOwn(tables, name) ? [] : tables[name];
}

interface WrittenTable {
  readonly image: TableImage;
  readonly rows: unknown;
  readonly place: string;
  /** Where a column's value stands under another name. */
  readonly names: Readonly<Record<string, string>>;
}

function parseTable({ image, rows, place, names }: WrittenTable): ParsedTable {
  if (!Array.isArray(rows)) {
    throw shapeFault(place, "A list of rows is expected here.");
  }
  const isWhole = image.name !== "events";
  return {
    image,
    rows: rows.map((row: unknown, index) => {
      const at = `${place}[${String(index)}]`;
      if (!isRecord(row)) {
        throw shapeFault(at, "A row is expected here.");
      }
      const unknown = Object.keys(row).find(
        (key) => !image.columns.some(({ name }) => name === key),
      );
      if (isWhole && unknown !== undefined) {
        throw shapeFault(`${at}.${unknown}`, "There is no such column.");
      }
      return image.columns.map((column) => {
        const key = names[column.name] ?? column.name;
        const value = column.isYounger && !Object.hasOwn(row, key) ? null : row[key];
        const parsed = parseValue(value, column, `${at}.${key}`);
        return column.isBlank ? "" : parsed;
      });
    }),
  };
}

function parseValue(value: unknown, column: ColumnImage, place: string): SqlValue {
  if (value === null && column.isNullable) {
    return null;
  }
  if (column.type === "text" && typeof value === "string") {
    return value;
  }
  if (column.type === "integer" && typeof value === "number" && Number.isSafeInteger(value)) {
    return value;
  }
  const wanted = column.type === "text" ? "A text" : "A whole number";
  throw shapeFault(place, `${wanted}${column.isNullable ? " or null" : ""} is expected here.`);
}

export function shapeFault(place: string, what: string): SkeinError {
  return new SkeinError(upkeepErrors.importShape, {
    message: `${place}: ${what}`,
    facts: { place },
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first place where two JSON values differ, or null. */
export function firstDifference(one: unknown, other: unknown, place: string): string | null {
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length !== other.length) {
      return place;
    }
    return firstOf(
      one.map((item: unknown, index) => [`${place}[${String(index)}]`, item, other[index]]),
    );
  }
  if (isRecord(one) && isRecord(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return firstOf(keys.map((key) => [`${place}.${key}`, one[key], other[key]]));
  }
  return Object.is(one, other) ? null : place;
}

function firstOf(pairs: readonly (readonly [string, unknown, unknown])[]): string | null {
  for (const [place, one, other] of pairs) {
    const difference = firstDifference(one, other, place);
    if (difference !== null) {
      return difference;
    }
  }
  return null;
}

/**
 * Comma-separated values (RFC 4180) that no spreadsheet takes for formulas: a text that begins like one gets an apostrophe in front, and
 * so does a text that hides it behind white space. Numbers stay numbers. Lines end with LF, which every reader takes: a CR would be shown as
 * hidden text is.
 */
export function csvText(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return [head, ...rows].map((row) => `${row.map((cell) => csvCell(cell)).join(",")}\n`).join("");
}

/** What begins a formula in some spreadsheet, full-width forms included. */
const formula = /^[\s\u{feff}]*[=+\-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}]|^[\t\r\n]/u;

function csvCell(cell: string | number | null): string {
  if (cell === null) {
    return "";
  }
  if (typeof cell === "number") {
    return String(cell);
  }
  const safe = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

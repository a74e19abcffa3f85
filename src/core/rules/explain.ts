import { safeLine } from "../base/safe-markdown.ts";
import type { RulesResult } from "./evaluate.ts";
import type { RuleRow } from "./rule.ts";

/** As long as a row's words get in a table. */
const maxChars = 1_000;

/** As much as a check takes, with room for what others write around it. */
const maxMarkdownChars = 60_000;

/**
 * A result as Markdown of at most 60,000 characters: a table of all rules, and what they list below it. Nothing that came from outside is
 * alive in it.
 */
export function explainMarkdown(result: RulesResult): string {
  const [whole, bare] = [markdownOf(result), markdownOf(withoutLists(result))];
  if (whole.length <= maxMarkdownChars) {
    return whole;
  }
  const fitting = bare.length <= maxMarkdownChars ? bare : shortest(bare);
  return `${fitting}\nThe rest did not fit in here; \`skein rules explain\` says all.\n`;
}

function withoutLists(result: RulesResult): RulesResult {
  return {
    ...result,
    rows: result.rows.map((row) => ({ ...row, details: [], warnings: [] })),
  };
}

/** Whole lines alone: half a row would be alive. */
function shortest(markdown: string): string {
  return markdown.slice(0, markdown.lastIndexOf("\n", maxMarkdownChars - 200) + 1);
}

function markdownOf({ summary, rows }: RulesResult): string {
  const table = rows.map(
    (row) =>
      `| ${line(row.rule)} | ${resultText(row)} | ${line(row.reason)} | ${row.fix === null ? "" : line(row.fix)} |`,
  );
  return [
    `**${line(summary)}**`,
    "",
    "| Rule | Result | Why | Next step |",
    "| --- | --- | --- | --- |",
    ...table,
    ...rows.flatMap(listOf),
    "",
  ].join("\n");
}

function listOf({ rule, details, warnings }: RuleRow): readonly string[] {
  const lines = [...details, ...warnings.map((warning) => `Warning: ${warning}`)];
  return lines.length === 0
    ? []
    : ["", `${line(rule)}:`, "", ...lines.map((text) => `- ${line(text)}`)];
}

function line(text: string): string {
  return safeLine(text, { maxChars });
}

/** A result as lines for a terminal; the face makes unseen characters visible. */
export function explainLines({ summary, rows }: RulesResult): readonly string[] {
  const width = Math.max(4, ...rows.map(({ rule }) => rule.length));
  return [...rows.flatMap((row) => rowLines(row, width)), "", summary];
}

function rowLines(row: RuleRow, width: number): readonly string[] {
  const indent = "  ";
  return [
    `${row.rule.padEnd(width)}  ${resultText(row)}: ${row.reason}`,
    ...row.details.map((detail) => `${indent}${detail}`),
    ...row.warnings.map((warning) => `${indent}Warning: ${warning}`),
    ...(row.fix === null ? [] : [`${indent}Next: ${row.fix}`]),
  ];
}

function resultText({ result, isAdvisory }: RuleRow): string {
  return isAdvisory ? `${result} (advisory)` : result;
}

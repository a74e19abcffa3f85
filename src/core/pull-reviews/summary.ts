import { codeSpan, safeLine } from "../base/safe-markdown.ts";
import { exactUsd } from "../costs/index.ts";
import type { MicroUsd } from "../base/ids.ts";
import { coverageText, findingLine } from "../review/index.ts";
import type { Finding, ReviewResult } from "../review/index.ts";
import type { Demoted } from "./comments.ts";

/** What a review cost, beside what the pull request has cost altogether. */
export interface CostFooter {
  readonly run: MicroUsd;
  readonly total: MicroUsd;
  /** Null: no limit. */
  readonly limit: MicroUsd | null;
}

export interface SummaryParts {
  readonly result: ReviewResult;
  /** How many findings have a comment of their own in this review. */
  readonly commented: number;
  readonly demoted: readonly Demoted[];
  readonly declined: number;
  readonly mode: "full" | "incremental";
  readonly cost: CostFooter;
}

/** The most of a summary, in characters: the state of at most 20,000 follows it, and the host takes 65,536. */
const maxChars = 40_000;

const words = { pass: "nothing to change", changes: "changes asked", incomplete: "incomplete" };

/** Writes the summary of a review, safe to post. Ours is every sign in it; others' words come through `safeLine`. */
export function summaryOf(parts: SummaryParts): string {
  const { result } = parts;
  const head = [
    `## Skein review: ${words[result.verdict]}`,
    "",
    `- Reviewed: ${codeSpan(result.head ?? "", 40)}, ${modeText(parts)}`,
    `- Findings: ${String(parts.commented)} with a comment, ${String(parts.demoted.length)} below; ` +
      `${String(result.fixed.length)} mended, ${String(parts.declined)} declined before`,
    `- Rule: ${plain(result.effectiveRule)}`,
    `- Coverage: ${coverageText(result.coverage)}`,
    `- Cost: ${costText(parts.cost)}`,
    "",
  ].join("\n");
  const sections = [
    section("Not commented", parts.demoted.map(demotedLine)),
    section("Not confirmed by enough reviewers", result.unconfirmed.map(findingText)),
    section("Mended", result.fixed.map(findingText)),
    section(
      "Notes",
      result.notes.map((note) => `- ${plain(note)}`),
    ),
    section("Reviewers", result.seats.map(seatLine)),
    section(
      "Not reviewed",
      result.skipped.map(({ path, reason }) => `- ${codeSpan(path, 300)}: ${plain(reason)}`),
    ),
  ];
  return fitted(head, sections);
}

/** The footer of all that Skein says of money. */
export function costText({ run, total, limit }: CostFooter): string {
  const left = limit === null ? "" : `, ${usd(Math.max(0, limit - total))} left of its budget`;
  return `this review ${usd(run)}, this pull request ${usd(total)}${left}`;
}

function modeText({ mode }: SummaryParts): string {
  return mode === "full" ? "the whole change" : "what changed since the last review";
}

function demotedLine({ finding, why }: Demoted): string {
  return `${findingText(finding)}. Not commented: ${why}.`;
}

function findingText(finding: Finding): string {
  return `- ${findingLine(finding)}`;
}

function seatLine({ seat, model, microUsd, error }: ReviewResult["seats"][number]): string {
  const end = error === null ? "" : `: ${plain(error)}`;
  return `- Seat ${String(seat)}, ${codeSpan(model, 100)}, ${usd(microUsd)}${end}`;
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function section(title: string, lines: readonly string[]): Section {
  return { title, lines };
}

/** Each section gets its title and a count of what it had no room for. */
function fitted(head: string, sections: readonly Section[]): string {
  let text = head;
  for (const { title, lines } of sections.filter((each) => each.lines.length > 0)) {
    text += `\n### ${title}\n\n`;
    const shown = lines.filter((line) => {
      const fits = text.length + line.length < maxChars;
      text += fits ? `${line}\n` : "";
      return fits;
    });
    const left = lines.length - shown.length;
    text += left === 0 ? "" : `- ${String(left)} more\n`;
  }
  return text;
}

function plain(text: string): string {
  return safeLine(text, { maxChars: 500 });
}

function usd(amount: MicroUsd): string {
  return `${exactUsd(amount)} USD`;
}

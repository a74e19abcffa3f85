import { coverageText } from "../diff/coverage.ts";
import type { Finding } from "../finding.ts";
import type { ReviewResult } from "../review.ts";
import { codeBlock, codeSpan, safeLine, safeProse } from "../../base/safe-markdown.ts";
import {
  correctionText,
  placeText,
  rangeText,
  shownPlaces,
  costText,
  verdictWords,
  voteText,
  verifyText,
  untoldFailures,
} from "./words.ts";

/** A code host's limit is 65 536. */
export const maxMarkdownChars = 60_000;

export interface MarkdownOptions {
  /** Hosts whose `https` addresses may stay links in reviewers' words. Default: none. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/**
 * Writes a review as Markdown that is safe to post, of at most 60,000 characters: no mention, reference, link, picture, HTML or command of
 * anyone but us comes alive in it. What has no room is counted.
 */
export function markdownOf(result: ReviewResult, options: MarkdownOptions = {}): string {
  const sections = [
    { title: "Findings", items: result.findings.map((finding) => findingText(finding, options)) },
    { title: "Notes", items: result.notes.map((note) => `- ${safeLine(note, line(options))}`) },
    { title: "Seats that failed", items: failures(result, options) },
    {
      title: "Not confirmed",
      items: result.unconfirmed.map(
        (finding) =>
          `- ${[headOf(finding, options), ...remarks(finding, options)].filter((text) => text !== "").join(". ")}`,
      ),
    },
    {
      title: "Fixed since the last review",
      items: result.fixed.map((finding) => `- ${headOf(finding, options)}`),
    },
    {
      title: "Not reviewed",
      items: result.skipped.map(
        ({ path, reason }) => `- ${codeSpan(path, 300)}: ${safeLine(reason, line(options))}`,
      ),
    },
  ];
  let text = summaryOf(result, options);
  for (const [index, { title, items }] of sections.entries()) {
    const reserved = (sections.length - index - 1) * sectionRoom;
    text += sectionText(title, items, maxMarkdownChars - text.length - reserved);
  }
  return text;
}

/** What a section needs beside its items, so that each can at least count what it left out. */
const sectionRoom = 200;

function sectionText(title: string, items: readonly string[], room: number): string {
  if (items.length === 0) {
    return "";
  }
  let [text, shown] = [`\n### ${title}\n\n`, 0];
  for (const item of items) {
    if (text.length + item.length + 2 > room - sectionRoom) {
      break;
    }
    text += `${item}\n`;
    shown += 1;
  }
  const left = items.length - shown;
  return left === 0 ? text : `${text}\n${String(left)} more are in the JSON report.\n`;
}

function summaryOf(result: ReviewResult, options: MarkdownOptions): string {
  const { findings, effectiveRule, cost, seats, coverage } = result;
  const done = seats.filter(({ error }) => error === null).length;
  return [
    `## Skein review: ${verdictWords[result.verdict]}`,
    "",
    `- Findings: ${String(findings.length)}; not confirmed: ${String(result.unconfirmed.length)}`,
    `- Rule: ${safeLine(effectiveRule, line(options))}`,
    `- Coverage: ${coverageText(coverage)}`,
    `- Seats: ${String(done)} of ${String(seats.length)} did their work; cost ${costText(cost)}`,
    "",
  ].join("\n");
}

/** One finding with its code, its vote and who disagrees, as safe as `markdownOf`. */
export function findingMarkdown(finding: Finding, options: MarkdownOptions = {}): string {
  return findingText(finding, options);
}

/** One finding in one line: severity, category, title and place. */
export function findingLine(finding: Finding, options: MarkdownOptions = {}): string {
  return headOf(finding, options);
}

function findingText(finding: Finding, options: MarkdownOptions): string {
  const dissent = finding.ballots.filter(({ vote }) => vote === "reject");
  return [
    `#### ${headOf(finding, options)}`,
    "",
    quoted(safeProse(finding.body, { ...line(options), maxChars: 4_000 })),
    "",
    ...codeOf(finding),
    ...alsoAt(finding),
    voteText(finding),
    ...remarks(finding, options),
    ...dissent.map(
      ({ seat, reason }) => `- Seat ${String(seat)} disagrees: ${safeLine(reason, line(options))}`,
    ),
    "",
  ].join("\n");
}

function remarks(finding: Finding, options: MarkdownOptions): readonly string[] {
  return [verifyText(finding), correctionText(finding)].flatMap((text) =>
    text === null ? [] : ["", safeLine(text, line(options))],
  );
}

function alsoAt({ places }: Finding): readonly string[] {
  if (places.length === 0) {
    return [];
  }
  const named = places.slice(0, shownPlaces).map((place) => codeSpan(rangeText(place), 300));
  const left = places.length - named.length;
  return [`Also at ${named.join(", ")}${left === 0 ? "" : ` and ${String(left)} more`}`, ""];
}

function headOf(finding: Finding, options: MarkdownOptions): string {
  const title = safeLine(finding.title, { ...line(options), maxChars: 200 });
  const place = codeSpan(placeText(finding), 300);
  return `${finding.severity} ${finding.category}: ${title} (${place})`;
}

function codeOf({ quoted: code, line: first, placement }: Finding): readonly string[] {
  if (code.trim() === "") {
    return [];
  }
  const texts = Array.from(code).slice(0, 2_000).join("").split(/\r?\n/u).slice(0, 30);
  const numberOf = (index: number): string => (placement === "line" ? String(first + index) : "");
  return [codeBlock(texts.map((text, index) => ({ number: numberOf(index), text }))), ""];
}

/** The line breaks of prose are kept. */
function quoted(prose: string): string {
  return prose
    .split("\n")
    .map((each) => `> ${each}`.trimEnd())
    .join("\n");
}

function failures(result: ReviewResult, options: MarkdownOptions): readonly string[] {
  return untoldFailures(result).map(
    ({ seat, model, error }) =>
      `- Seat ${String(seat)} (${codeSpan(model, 100)}): ${safeLine(error, line(options))}`,
  );
}

function line({ allowedHosts }: MarkdownOptions): {
  readonly maxChars: number;
  readonly allowedHosts: readonly string[] | undefined;
} {
  return { maxChars: 500, allowedHosts };
}

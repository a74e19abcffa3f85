import { cleanLine, cleanText } from "../../base/text.ts";
import type { Severity } from "../candidate.ts";
import { coverageText } from "../diff/coverage.ts";
import { showHidden } from "../../base/text.ts";
import type { Finding } from "../finding.ts";
import type { ReviewResult, Verdict } from "../review.ts";
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

export interface TerminalOptions {
  /** True for a terminal that shows colour. */
  readonly hasColour: boolean;
  /** True to write dissent and what was not confirmed in full; else they are counted. Default: false. */
  readonly isUnfolded?: boolean | undefined;
}

type Paint = (text: string, colour: Colour) => string;
type Colour = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

const codes: Readonly<Record<Colour, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
};

const severityColours: Readonly<Record<Severity, Colour>> = {
  critical: "red",
  high: "red",
  medium: "yellow",
  low: "cyan",
};

const verdictColours: Readonly<Record<Verdict, Colour>> = {
  pass: "green",
  changes: "red",
  incomplete: "yellow",
};

/** How many lines of quoted code are shown. */
const snippetLines = 12;

/** Writes a review as lines for people. Texts of others lose every character that a terminal would obey. */
export function terminalLines(
  result: ReviewResult,
  { hasColour, isUnfolded = false }: TerminalOptions,
): readonly string[] {
  const paint: Paint = (text, colour) =>
    hasColour ? `\u{1B}[${String(codes[colour])}m${text}\u{1B}[0m` : text;
  const verdict = paint(verdictWords[result.verdict], verdictColours[result.verdict]);
  const { findings, unconfirmed, fixed, declined, skipped, notes } = result;
  return [
    `${paint("Skein review:", "bold")} ${verdict}`,
    ...findings.flatMap((finding) => ["", ...findingLines(finding, paint, isUnfolded)]),
    "",
    ...folded(unconfirmed.map(titleLine), { isUnfolded, what: "not confirmed" }),
    ...folded(fixed.map(titleLine), { isUnfolded, what: "fixed since the last review" }),
    ...folded(declined.map(titleLine), { isUnfolded, what: "declined before" }),
    ...folded(
      skipped.map(({ path, reason }) => `${showHidden(path)}: ${clean(reason)}`),
      { isUnfolded, what: "skipped" },
    ),
    ...untoldFailures(result).map(
      ({ seat, model, error }) => `Seat ${String(seat)} (${clean(model)}) failed: ${clean(error)}`,
    ),
    ...notes.map((note) => `Note: ${clean(note)}`),
    `Rule: ${clean(result.effectiveRule)}`,
    `Coverage: ${coverageText(result.coverage)}`,
    `Cost: ${costText(result.cost)}`,
  ];
}

function findingLines(finding: Finding, paint: Paint, isUnfolded: boolean): readonly string[] {
  const severity = paint(finding.severity, severityColours[finding.severity]);
  const body = cleanText(finding.body, 4_000).split("\n").map(clean);
  return [
    `${severity} ${finding.category}: ${paint(clean(finding.title), "bold")}`,
    `  ${paint(showHidden(placeText(finding)), "cyan")}`,
    ...body.filter((line) => line !== "").map((line) => `  ${line}`),
    ...alsoAt(finding),
    ...snippet(finding).map((line) => paint(line, "dim")),
    `  ${voteText(finding)}`,
    ...remarkLines(finding),
    ...dissentLines(finding, isUnfolded),
  ];
}

function alsoAt({ places }: Finding): readonly string[] {
  if (places.length === 0) {
    return [];
  }
  const named = places.slice(0, shownPlaces).map((place) => showHidden(rangeText(place)));
  const left = places.length - named.length;
  return [`  also at ${named.join(", ")}${left === 0 ? "" : ` and ${String(left)} more`}`];
}

function snippet({ quoted, line, placement }: Finding): readonly string[] {
  if (quoted.trim() === "") {
    return [];
  }
  const lines = quoted.split(/\r?\n/u);
  const shown = lines.slice(0, snippetLines).map((text, index) => {
    const number = placement === "line" ? String(line + index) : "";
    return `  ${number.padStart(6)} | ${showHidden(text.slice(0, 200)).replaceAll("\t", "  ")}`;
  });
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `         | ${String(left)} more lines`];
}

function remarkLines(finding: Finding): readonly string[] {
  return [verifyText(finding), correctionText(finding)].flatMap((text) =>
    text === null ? [] : [`  ${clean(text)}`],
  );
}

function dissentLines({ ballots }: Finding, isUnfolded: boolean): readonly string[] {
  const against = ballots.filter(({ vote }) => vote === "reject");
  if (against.length === 0) {
    return [];
  }
  return isUnfolded
    ? against.map(({ seat, reason }) => `  Seat ${String(seat)} disagrees: ${clean(reason)}`)
    : [`  ${String(against.length)} ${against.length === 1 ? "seat disagrees" : "seats disagree"}`];
}

function titleLine(finding: Finding): string {
  const verify = finding.verify === undefined ? "" : `; ${clean(verifyText(finding) ?? "")}`;
  return `${showHidden(placeText(finding))}: ${clean(finding.title)} (${voteText(finding)}${verify})`;
}

function folded(
  lines: readonly string[],
  { isUnfolded, what }: { readonly isUnfolded: boolean; readonly what: string },
): readonly string[] {
  if (lines.length === 0) {
    return [];
  }
  const head = `${String(lines.length)} ${what}`;
  return isUnfolded ? [`${head}:`, ...lines.map((line) => `  ${line}`)] : [head];
}

function clean(text: string): string {
  return cleanLine(text, 1_000);
}

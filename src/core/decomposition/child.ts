import { codeBlock, codeSpan, safeLine, safeProse } from "../base/safe-markdown.ts";
import { cleanLine } from "../base/text.ts";
import { formatUsd } from "../costs/index.ts";
import type { MicroUsd } from "../base/ids.ts";
import { sizeOf } from "../planner/index.ts";
import type { Priority } from "../plans/index.ts";
import { planIdOf } from "../base/issue-plan.ts";
import { scopeDigest } from "./children-plan.ts";
import type { PlannedChild } from "./children-plan.ts";

/** The label of every issue that Skein made. */
export const childLabel = "skein:task";

/** What a child's hidden line says. It is believed only in an issue that our own account made. */
export interface ChildLine {
  readonly parent: number;
  readonly key: string;
  /** What proves that it was approved: 12 digits. */
  readonly proof: string;
  readonly scope: string;
}

/** How a child's task ended. */
export interface ChildResult {
  readonly commit: string | null;
  readonly spentMicroUsd: MicroUsd;
}

export interface ChildText {
  readonly parent: number;
  /** 12 digits. */
  readonly proof: string;
  readonly child: PlannedChild;
  /** Numbers of the issues that it depends on. */
  readonly blockers: readonly number[];
  /** Null while its task is not done. */
  readonly result: ChildResult | null;
}

const lastLine = "<!-- skein:end:v1 -->";

/** A child's title: one line without hidden characters. Titles hold no markup, and nobody is mentioned by one. */
export function childTitle({ title, key }: Pick<PlannedChild, "key" | "title">): string {
  const clean = cleanLine(title, 200);
  return clean === "" ? key : clean;
}

/** What labels a new child has; from then on labels are GitHub's. */
export function childLabels({ priority }: Pick<PlannedChild, "priority">): readonly string[] {
  return priority === "medium" ? [childLabel] : [childLabel, `priority:${priority}`];
}

/** The priority that labels ask for; null where they name none. */
export function priorityOfLabels(labels: readonly string[]): Priority | null {
  const words = ["critical", "high", "medium", "low"] as const;
  return words.find((word) => labels.includes(`priority:${word}`)) ?? null;
}

/** A child's body: all of it is Skein's block. */
export function childBody(text: ChildText): string {
  const { parent, proof, child } = text;
  const { key, scope } = child;
  const first = `<!-- skein:child:v1 ${planIdOf(parent)} ${key} ${proof} ${scopeDigest(scope)} -->`;
  return [first, withoutComments(visible(text).join("\n\n")), lastLine].join("\n\n");
}

/** Code shows others' words as they are; none of them may begin a hidden line, by which ours are found again. */
export function withoutComments(markdown: string): string {
  return markdown.replaceAll("<!--", "<! --");
}

function visible({ child, parent, blockers, result }: ChildText): readonly string[] {
  const { outcome, scope, accept, spec } = child;
  return [
    `**Outcome.** ${safeProse(outcome, { maxChars: 1_000 })}`,
    scope.length === 0
      ? "**Scope.** Not named."
      : `**Scope.** ${scope.map((path) => codeSpan(path, 200)).join(", ")}`,
    ...(blockers.length === 0
      ? []
      : [`**Depends on:** ${blockers.map((number) => `#${String(number)}`).join(", ")}`]),
    `**Estimate.** ${sizeText(child)}. Part of #${String(parent)}.`,
    ...(accept.length === 0
      ? []
      : [
          [
            "**Done when**",
            "",
            ...accept.map((each) => `- [ ] ${safeLine(each, { maxChars: 300 })}`),
          ].join("\n"),
        ]),
    ...(spec === "" ? [] : [detailsOf(spec)]),
    ...(result === null ? [] : [resultLine(result)]),
  ];
}

/** Others' Markdown, shown as what it is. */
function detailsOf(spec: string): string {
  const lines = spec.split("\n").map((text) => ({ number: "", text }));
  return ["<details><summary>Details</summary>", "", codeBlock(lines), "", "</details>"].join("\n");
}

function resultLine({ commit, spentMicroUsd }: ChildResult): string {
  const where = commit === null ? "" : ` with ${codeSpan(commit.slice(0, 12), 12)}`;
  return `**Done**${where}, ${formatUsd(spentMicroUsd)} USD.`;
}

/** As `M, 30 min, about 23,000 tokens, 0.12 USD`. */
export function sizeText({
  minutes,
  tokens,
  microUsd,
}: Pick<PlannedChild, "microUsd" | "minutes" | "tokens">): string {
  const money = microUsd === null ? "" : `, ${formatUsd(microUsd)} USD`;
  return `${sizeOf(minutes)}, ${String(minutes)} min, about ${grouped(tokens)} tokens${money}`;
}

/** As `46,000`. */
export function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}

const childPattern =
  /<!-- skein:child:v1 gh-([1-9]\d{0,9}) ([\w.-]{1,64}) ([0-9a-f]{12}) ([0-9a-f]{12}) -->/u;

/** Reads a child's hidden line; null where there is none. */
export function readChildLine(body: string): ChildLine | null {
  const found = childPattern.exec(body);
  if (found === null) {
    return null;
  }
  const [, parent = "", key = "", proof = "", scope = ""] = found;
  return { parent: Number(parent), key, proof, scope };
}

/**
 * A body with Skein's block as it should be, and everything around it as people wrote it. Ticks of people in the block stay. The same text
 * comes back where nothing is to be changed.
 */
export function restoreBlock(body: string, wanted: string): string {
  const text = body.replaceAll("\r\n", "\n");
  const start = childPattern.exec(text)?.index ?? -1;
  const end = start === -1 ? -1 : text.indexOf(lastLine, start);
  const ticked = withTicks(wanted, text);
  if (start === -1) {
    return text.trim() === "" ? ticked : `${ticked}\n\n${text}`;
  }
  // Without its end nobody knows what is whose.
  const rest = end === -1 ? "" : text.slice(end + lastLine.length);
  const restored = `${text.slice(0, start)}${ticked}${rest}`;
  return restored === text ? body : restored;
}

function withTicks(wanted: string, body: string): string {
  const ticks = new Set(
    body
      .split("\n")
      .filter((line) => /^- \[x\] /iu.test(line))
      .map((line) => line.slice(6)),
  );
  return wanted
    .split("\n")
    .map((line) =>
      line.startsWith("- [ ] ") && ticks.has(line.slice(6)) ? `- [x] ${line.slice(6)}` : line,
    )
    .join("\n");
}

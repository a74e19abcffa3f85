import { appendFileSync, statSync } from "node:fs";
import * as core from "@actions/core";

import { byteLength, showHidden } from "../../core/base/text.ts";
import type { Annotation, AnnotationLevel, BotLog, HandlerOutcome } from "../context.ts";
import type { ActionOutputName } from "./input-table.ts";

/** Tells people in the log of the job. No line of a text can be a command to the runner. */
export function createActionLog(): BotLog {
  return {
    info: (text) => {
      core.info(inertLines(text));
    },
    debug: (text) => {
      core.debug(showHiddenLines(text));
    },
    warn: (text) => {
      core.warning(showHiddenLines(text));
    },
    group: async (title, work) => core.group(showHidden(title), work),
  };
}

/** The runner reads a command where a line begins with two colons, and in an older form behind `##[`. */
export function inertLines(text: string): string {
  return text
    .split(/\r\n?|\n/u)
    .map((line) =>
      showHidden(line)
        .replaceAll("##[", "## [")
        .replace(/^\s*::/u, "| ::"),
    )
    .join("\n");
}

function showHiddenLines(text: string): string {
  return text
    .split(/\r\n?|\n/u)
    .map((line) => showHidden(line))
    .join("\n");
}

/** GitHub shows so many of each level for one step, and drops the rest without a word. */
const maxOfLevel = 10;
const maxMessageChars = 4_000;

const tellers: Readonly<Record<AnnotationLevel, typeof core.error>> = {
  error: core.error,
  warning: core.warning,
  notice: core.notice,
};

/**
 * Puts annotations on lines, in their order: the worst of a level come first. Where there are more of a level than GitHub shows, the log says how many are
 * left out. What a check shows is named in the log alone.
 */
export function annotate(annotations: readonly Annotation[]): void {
  for (const level of ["error", "warning", "notice"] as const) {
    const ofLevel = annotations.filter((each) => !each.isShown && each.level === level);
    for (const each of ofLevel.slice(0, maxOfLevel)) {
      tellers[level](inertLines(each.message).slice(0, maxMessageChars), placeOf(each));
    }
    if (ofLevel.length > maxOfLevel) {
      const left = ofLevel.length - maxOfLevel;
      core.info(
        `${String(left)} more of level ${level}: the summary and the report have them all.`,
      );
    }
  }
  listShown(annotations.filter(({ isShown }) => isShown));
}

function listShown(annotations: readonly Annotation[]): void {
  if (annotations.length > 0) {
    core.startGroup("Skein: on lines of the change");
    for (const { level, path, startLine, title } of annotations) {
      core.info(inertLines(`${level} ${path ?? ""}:${String(startLine ?? "")} ${title}`));
    }
    core.endGroup();
  }
}

function placeOf({ title, path, startLine, endLine }: Annotation): core.AnnotationProperties {
  return {
    title: showHidden(title).slice(0, 200),
    ...(path === null ? {} : { file: showHidden(path) }),
    ...(startLine === null ? {} : { startLine, endLine: endLine ?? startLine }),
  };
}

/** GitHub refuses the summary of a step that is larger. */
const maxSummaryBytes = 1_048_576;
const cutNote = "\n\n_The rest is in the report: a summary has at most 1 MiB._\n";

/** Adds Markdown to the job's summary and keeps it within what GitHub takes. */
export function writeSummary(path: string, markdown: string): void {
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const room = maxSummaryBytes - before - byteLength(cutNote);
  if (room <= 0) {
    return;
  }
  const text = `${markdown}\n`;
  appendFileSync(path, byteLength(text) <= room ? text : `${headOf(text, room)}${cutNote}`);
}

/** The whole lines that fit into so many bytes. */
function headOf(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, "utf8").subarray(0, maxBytes).toString("utf8");
  return bytes.slice(0, Math.max(0, bytes.lastIndexOf("\n")));
}

/** The outputs of the step; what there is not is empty. */
export function outputsOf(
  outcome: HandlerOutcome,
  handoverPath: string | null,
): Readonly<Record<ActionOutputName, string>> {
  return {
    conclusion: outcome.conclusion,
    title: outcome.title,
    findings: outcome.findings === null ? "" : String(outcome.findings),
    "report-path": outcome.reportPath ?? "",
    "sarif-path": outcome.sarifPath ?? "",
    "cost-usd": outcome.costMicroUsd === null ? "" : (outcome.costMicroUsd / 1_000_000).toFixed(6),
    "plan-hash": outcome.planHash ?? "",
    "handover-path": handoverPath ?? "",
  };
}

export function writeOutputs(outputs: Readonly<Record<ActionOutputName, string>>): void {
  for (const [name, value] of Object.entries(outputs)) {
    core.setOutput(name, value);
  }
}

import { createHash } from "node:crypto";

import { codeSpan, safeLine } from "../base/safe-markdown.ts";
import { cleanLine } from "../base/text.ts";
import type { Issue, User } from "../hosting/index.ts";

/** The label of every issue that an event made. */
export const happeningLabel = "skein:event";

/** Something on the code host that calls for work. Names and titles are others' words. */
export type Happening =
  /** A check failed at the head of a branch. */
  | {
      readonly kind: "check";
      readonly name: string;
      readonly branch: string;
      /** The head that it failed on. */
      readonly sha: string;
    }
  /** A plan's file changed on the default branch. */
  | {
      readonly kind: "plan-file";
      readonly path: string;
      readonly sha: string;
      /** Titles of the tasks that are not ticked; null: it cannot be read. */
      readonly open: readonly string[] | null;
    };

/** What an event's hidden line says. It is believed only in an issue that our own account made. */
export interface HappeningLine {
  readonly kind: Happening["kind"];
  /** The same for each event of the same check on the same branch, or of the same file. */
  readonly key: string;
}

const linePattern = /^<!-- skein:event:v1 (check|plan-file) ([0-9a-f]{24}) -->\r?$/mu;

/** Names what the event is of: however often it is told, that is one piece of work. */
export function keyOf(happening: Happening): string {
  const parts =
    happening.kind === "check"
      ? ["check", happening.branch, happening.name]
      : ["plan-file", happening.path];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);
}

export function readHappening({ body, author }: Issue, self: User): HappeningLine | null {
  const found = author.id === self.id ? linePattern.exec(body) : null;
  const kind = found?.[1];
  return kind === "check" || kind === "plan-file" ? { kind, key: found?.[2] ?? "" } : null;
}

export function titleOf(happening: Happening): string {
  return happening.kind === "check"
    ? cleanLine(`The check ${happening.name} fails on ${happening.branch}`, 200)
    : cleanLine(`The plan ${happening.path} has changed`, 200);
}

/** So many tasks of a plan are named. */
const mostNamed = 50;

export function bodyOf(happening: Happening): string {
  const line = `<!-- skein:event:v1 ${happening.kind} ${keyOf(happening)} -->`;
  return [line, ...wordsOf(happening)].join("\n\n");
}

function wordsOf(happening: Happening): readonly string[] {
  const sha = codeSpan(happening.sha, 64);
  if (happening.kind === "check") {
    const where = `${codeSpan(happening.name, 200)} on ${codeSpan(happening.branch, 200)}`;
    return [
      `**Outcome.** The check ${where} passes again.`,
      `It failed on ${sha}. Look at its log, find the cause, and mend that; do not loosen the check.`,
      "Skein closes this issue when the check passes on the head of the branch.",
    ];
  }
  const path = codeSpan(happening.path, 300);
  return [
    `**Outcome.** The plan in ${path} is taken in as it stands in ${sha}.`,
    "In a checkout of the default branch `skein plan import` with its path does that; again it changes nothing.",
    ...tasksOf(happening.open),
  ];
}

function tasksOf(open: readonly string[] | null): readonly string[] {
  if (open === null) {
    return ["It cannot be read as a plan as it is: mend it first."];
  }
  const left = open.length - mostNamed;
  const lines = open.slice(0, mostNamed).map((title) => `- ${safeLine(title, { maxChars: 200 })}`);
  return open.length === 0
    ? ["None of its tasks is open."]
    : [[...lines, ...(left > 0 ? [`- ${String(left)} more`] : [])].join("\n")];
}

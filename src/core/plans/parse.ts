import { SkeinError } from "../base/errors.ts";
import { checkPlan } from "./check.ts";
import { decodePlan, planLimits } from "./decode.ts";
import type { DecodeOptions } from "./decode.ts";
import { planErrors, planFaultError } from "./errors.ts";
import { createFaults } from "./fields.ts";
import { readJson } from "./json-tree.ts";
import { readMarkdown } from "./markdown-tree.ts";
import type { MarkdownResult } from "./markdown-tree.ts";
import type { PlanDraft } from "./plan.ts";
import { readYaml } from "./yaml-tree.ts";

/** The formats of a plan file. */
export type PlanFormat = "yaml" | "json" | "markdown";

/** A plan file: its text, and its name or its format. */
export interface PlanText {
  readonly text: string;
  /** Tells the format by its ending, and the plan's id where the text has none. */
  readonly fileName?: string | undefined;
  /** Decides over the file name. */
  readonly format?: PlanFormat | undefined;
  /** True for Markdown that was not written as a plan: `after:` without a task's name is then a part of the title. Default: false. */
  readonly isProse?: boolean | undefined;
}

/**
 * Reads a plan file and checks all of it: keys, types, ranges, ids, names, cycles.
 *
 * @throws {SkeinError} SKN-1401 to SKN-1409 with line, column, path, message and fix, and up to 20 faults in `facts.errors`.
 */
export function parsePlan({ text, fileName, format, isProse = false }: PlanText): PlanDraft {
  const kind = format ?? needFormat(fileName);
  const usual = {
    usualId: kind === "markdown" ? idOf(fileName) : null,
    naming: namings[kind],
  };
  switch (kind) {
    case "json":
      return finish(text, (source) => ({ ...noTicks, tree: readJson(source) }), usual);
    case "yaml":
      return finish(text, (source) => ({ ...noTicks, tree: readYaml(source) }), usual);
    case "markdown":
      return finish(
        text,
        (source) => {
          const result = readMarkdown(source);
          return isProse ? { ...result, faults: [] } : result;
        },
        usual,
      );
  }
}

function needFormat(fileName: string | undefined): PlanFormat {
  const kind = formatOf(fileName ?? "");
  if (kind === null) {
    throw new SkeinError(planErrors.planFormat, {
      message: `The format of ${JSON.stringify(fileName ?? "")} is not known.`,
      facts: { line: 1, column: 1, path: "", file: fileName ?? null },
    });
  }
  return kind;
}

/** @throws {SkeinError} as `parsePlan`. */
export function parsePlanYaml(text: string): PlanDraft {
  return parsePlan({ text, format: "yaml" });
}

/** @throws {SkeinError} as `parsePlan`. */
export function parsePlanJson(text: string): PlanDraft {
  return parsePlan({ text, format: "json" });
}

/** The file name gives the plan's id when the text has none. @throws {SkeinError} as `parsePlan`. */
export function parsePlanMarkdown(text: string, fileName?: string): PlanDraft {
  return parsePlan({ text, fileName, format: "markdown" });
}

/** Tells the format by a file name's ending; null when it tells none. */
export function formatOf(fileName: string): PlanFormat | null {
  const ending = /\.([A-Za-z]+)$/u.exec(fileName)?.[1]?.toLowerCase() ?? "";
  switch (ending) {
    case "yml":
    case "yaml":
      return "yaml";
    case "json":
      return "json";
    case "md":
    case "markdown":
      return "markdown";
    default:
      return null;
  }
}

/** Makes a plan's id of a file name: `docs/My plan.md` gives `my-plan`, `Über.md` gives `uber`; null when nothing is left. */
function idOf(fileName: string | undefined): string | null {
  const base = /([^/\\]*?)(?:\.[^./\\]*)?$/u.exec(fileName ?? "")?.[1] ?? "";
  const id = base
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9._-]+/gu, "-")
    .replaceAll(/^[^a-z0-9]+|-+$/gu, "")
    .slice(0, 64);
  return id === "" ? null : id;
}

/** How each format gives a plan its id. */
const namings: Readonly<Record<PlanFormat, string>> = {
  yaml: "Add a line `plan: my-plan`",
  json: 'Add `"plan": "my-plan"`',
  markdown:
    "Begin the text with the lines `---`, `plan: my-plan` and `---`, or give it as a file whose name can be an id",
};

const noTicks = { ticks: [], faults: [] };

function finish(
  text: string,
  read: (text: string) => MarkdownResult,
  usual: Pick<DecodeOptions, "usualId" | "naming">,
): PlanDraft {
  const bytes = Buffer.byteLength(text);
  if (bytes > planLimits.textBytes) {
    throw new SkeinError(planErrors.planTooLarge, {
      message: `The plan has ${bytes} bytes; at most ${planLimits.textBytes} are allowed.`,
      facts: { line: 1, column: 1, path: "", bytes, limit: planLimits.textBytes },
    });
  }
  const { tree, ticks, faults: early } = read(text.startsWith("\uFEFF") ? text.slice(1) : text);
  if (tree.kind === "faults") {
    throw planFaultError([...tree.faults, ...early]);
  }
  const faults = createFaults();
  const plan = decodePlan(tree.root, faults, { ...usual, ticks });
  if (plan !== null) {
    checkPlan(plan, faults);
  }
  const all = [...early, ...faults.all];
  if (plan === null || all.length > 0) {
    throw planFaultError(all);
  }
  return plan.draft;
}

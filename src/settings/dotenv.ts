import { parseEnv } from "node:util";

import { nearest } from "../core/base/nearest.ts";
import { overrideNames, variableOf } from "./overrides.ts";
import type { DotEnvValue } from "./overrides.ts";

/** The file beside `skein.yml` in which one person of a clone keeps settings of their own. */
export const dotEnvFile = ".env";

/** A line of the file that names Skein and does not count. */
export interface LeftOut {
  /** The variable. */
  readonly name: string;
  readonly line: number;
  /** Why, as a sentence that never repeats the value. */
  readonly why: string;
}

export interface DotEnvText {
  /** By dotted name, as `leases.minutes`. */
  readonly values: ReadonlyMap<string, DotEnvValue>;
  readonly left: readonly LeftOut[];
}

/** Settings that hold agents and keep their log honest: the file lies where any of them can write. */
const holding: ReadonlySet<string> = new Set([
  "integration.checks",
  "audit.anchor",
  "audit.retention_days",
  "generated",
  "branches.protected",
  "budget_usd",
  "profile",
]);

/** Settings that a `.env` may give: of those with a variable the ones that hold nobody, which an uncommitted `skein.yml` gives as well. */
export const dotEnvNames: readonly string[] = overrideNames.filter((name) => !holding.has(name));

/** Reads the text of a `.env`. Of all its lines only those count that name a setting of `dotEnvNames`; nobody else's are looked at. */
export function parseDotEnv(text: string): DotEnvText {
  const settings = new Map(dotEnvNames.map((name) => [variableOf(name), name]));
  const values = new Map<string, DotEnvValue>();
  const left: LeftOut[] = [];
  for (const [variable, value = ""] of Object.entries(parseEnv(text))) {
    if (!/^SKEIN_[A-Z0-9_]{1,60}$/u.test(variable)) {
      continue;
    }
    const line = lineOf(variable, text);
    const setting = settings.get(variable);
    if (setting !== undefined) {
      values.set(setting, { text: value, line });
    } else {
      left.push({ name: variable, line, why: whyNot(variable) });
    }
  }
  return { values, left: left.toSorted((one, other) => one.line - other.line) };
}

/** Of a name that stands twice the last one counts. */
function lineOf(variable: string, text: string): number {
  const pattern = new RegExp(`^\\s*(?:export\\s+)?${variable}\\s*=`, "u");
  return text.split("\n").findLastIndex((line) => pattern.test(line)) + 1;
}

function whyNot(variable: string): string {
  const held = [...holding].find((name) => variableOf(name) === variable);
  if (held !== undefined) {
    return `\`${held}\` holds agents, and they can write this file: say it in skein.yml.`;
  }
  const guess = nearest(variable, dotEnvNames.map(variableOf));
  return guess === null
    ? "Where the ledger or a server is, who calls, and secrets are told by the environment or by `skein init`, never by a file that agents can write."
    : `There is no setting of this name. Did you mean ${guess}?`;
}

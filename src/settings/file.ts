import { LineCounter, parseDocument } from "yaml";
import type { YAMLError } from "yaml";

import { yamlSentence } from "../core/base/yaml-words.ts";
import type { Policy } from "../core/rules/index.ts";
import { settingsErrors } from "./errors.ts";
import { faultError, offsetAt } from "./fault.ts";
import type { Fault, Source } from "./fault.ts";
import { findMisfits } from "./references.ts";
import { toRules } from "./rules.ts";
import { schemaFaults } from "./schema-faults.ts";
import { settingsSchema } from "./schema.ts";
import type { SettingsFile } from "./schema.ts";
import { toChecks } from "./values.ts";
import type { CheckSetting } from "./values.ts";
import { substitute, variablesInRules } from "./variables.ts";
import type { Environment } from "./variables.ts";
import { splitWords } from "./words.ts";
import { withoutFaulty } from "./without-faulty.ts";

/** A `skein.yml` as text, with what its variables stand for. */
export interface SettingsText {
  readonly text: string;
  /** Its name, for errors. */
  readonly file: string;
  readonly env: Environment;
}

/** Reads and validates a `skein.yml`. @throws {SkeinError} SKN-2001 to SKN-2006 with file, line and column of every fault. */
export function parseSettings({ text, file, env }: SettingsText): SettingsFile {
  const { source, faults } = openSource(text, file);
  const found = [
    ...faults,
    ...firstOfPlace([...variablesInRules(source), ...substitute(source, env)]),
  ];
  return validated(source, valueOf(source) ?? {}, found);
}

/** Reads only the named commands of a committed `skein.yml`. @throws {SkeinError} SKN-2001, SKN-2003 or SKN-2006. */
export function parseCommittedChecks(
  text: string,
  file: string,
): ReadonlyMap<string, CheckSetting> {
  const { source, faults } = openSource(text, file);
  const written = valueOf(source);
  const checks = isRecord(written) ? written["checks"] : undefined;
  return toChecks(validated(source, { checks }, faults).checks);
}

/**
 * Reads only what a committed `skein.yml` says of rules, as a code host or git gives it; the environment has no part in it.
 *
 * @throws {SkeinError} SKN-2001 to SKN-2004.
 */
export function parseCommittedRules(text: string, file: string): Policy {
  const { source, faults } = openSource(text, file);
  const written = valueOf(source);
  const { rules, branches, generated } = isRecord(written) ? written : {};
  const found = [...faults, ...variablesInRules(source)];
  return toRules(validated(source, { rules, branches, generated }, found));
}

interface Opened {
  readonly source: Source;
  /** Faults that leave the rest readable. */
  readonly faults: readonly Fault[];
}

function openSource(text: string, file: string): Opened {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const source = { file, document, lines };
  const faults = document.errors.map(syntaxFault);
  // What comes after a slip of the pen is read wrongly, but a name that stands twice changes nothing else.
  if (document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) {
    throw faultError(source, faults);
  }
  return { source, faults };
}

function syntaxFault(slip: YAMLError): Fault {
  const [offset] = slip.pos;
  return { entry: settingsErrors.settingsSyntax, message: yamlSentence(slip), offset };
}

function valueOf(source: Source): unknown {
  try {
    return source.document.toJS({ maxAliasCount: 50 });
  } catch {
    const message = "The aliases (`*name`) stand for too much, or for nothing.";
    throw faultError(source, [{ entry: settingsErrors.settingsSyntax, message, offset: 0 }]);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Looks for everything that is wrong with a file, beside what was found already. */
function validated(source: Source, value: unknown, found: readonly Fault[]): SettingsFile {
  const parsed = settingsSchema.safeParse(value);
  const issues = parsed.error?.issues ?? [];
  const rest = parsed.success ? parsed.data : withoutFaulty(value, issues);
  const faults = [
    ...schemaFaults(source, issues, value),
    ...(rest === null ? [] : [...shellFaults(source, rest), ...misfitFaults(source, rest, value)]),
  ];
  // A variable that stands for nothing is no value of any kind: that is said once.
  const places = new Set(found.map(({ offset }) => offset));
  const all = [...found, ...faults.filter(({ offset }) => !places.has(offset))];
  if (!parsed.success || all.length > 0) {
    throw faultError(source, all);
  }
  return parsed.data;
}

/** The first of those that stand at the same place. */
function firstOfPlace(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(
    ({ offset }, index) => faults.findIndex((other) => other.offset === offset) === index,
  );
}

/** Commands run without a shell. */
function shellFaults(source: Source, settings: SettingsFile): readonly Fault[] {
  return Object.entries(settings.checks ?? {})
    .filter(([, { run }]) => typeof run === "string" && splitWords(run) === null)
    .map(([name]) => ({
      entry: settingsErrors.settingsCommand,
      message: `The command of the check \`${name}\` needs a shell.`,
      offset: offsetAt(source, ["checks", name, "run"]),
    }));
}

function misfitFaults(source: Source, settings: SettingsFile, value: unknown): readonly Fault[] {
  return findMisfits(settings, isRecord(value) ? value : {}).map(({ path, message }) => ({
    entry: settingsErrors.settingsValue,
    message,
    offset: offsetAt(source, path),
  }));
}

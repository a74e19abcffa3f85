import { LineCounter, isMap, isNode, isScalar, parseDocument, visit } from "yaml";
import type { Document, Node } from "yaml";
import type { z } from "zod";

import { SkeinError } from "../core/base/errors.ts";
import type { ErrorEntry } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import type { Policy } from "../core/rules/index.ts";
import { settingsErrors } from "./errors.ts";
import { allKeys, allowedKeys } from "./known-keys.ts";
import { findMisfit } from "./references.ts";
import { toRules } from "./rules.ts";
import { settingsSchema } from "./schema.ts";
import type { SettingsFile } from "./schema.ts";
import { toChecks } from "./values.ts";
import type { CheckSetting } from "./values.ts";
import { splitWords } from "./words.ts";

/** A `skein.yml` as text, with what its variables stand for. */
export interface SettingsText {
  readonly text: string;
  /** Its name, for errors. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads and validates a `skein.yml`. @throws {SkeinError} SKN-2001 to SKN-2006 with file, line and column. */
export function parseSettings({ text, file, env }: SettingsText): SettingsFile {
  const source = openSource(text, file);
  refuseVariables(source);
  substitute(source, env);
  const settings = validated(source, valueOf(source) ?? {});
  checkCommands(source, settings);
  checkReferences(source, settings);
  return settings;
}

/** Reads only the named commands of a committed `skein.yml`. @throws {SkeinError} SKN-2001, SKN-2003 or SKN-2006. */
export function parseCommittedChecks(
  text: string,
  file: string,
): ReadonlyMap<string, CheckSetting> {
  const source = openSource(text, file);
  const written = valueOf(source);
  const checks = isRecord(written) ? written["checks"] : undefined;
  const settings = validated(source, { checks });
  checkCommands(source, settings);
  return toChecks(settings.checks);
}

/**
 * Reads only what a committed `skein.yml` says of rules, as a code host or git gives it; the environment has no part in it.
 *
 * @throws {SkeinError} SKN-2001 to SKN-2004.
 */
export function parseCommittedRules(text: string, file: string): Policy {
  const source = openSource(text, file);
  refuseVariables(source);
  const written = valueOf(source);
  const { rules, branches, generated } = isRecord(written) ? written : {};
  const settings = validated(source, { rules, branches, generated });
  checkReferences(source, settings);
  return toRules(settings);
}

interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

function openSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const source = { file, document, lines };
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const entry = settingsErrors.settingsSyntax;
    throw faultError(source, { entry, message: syntax.message, offset: syntax.pos[0] });
  }
  return source;
}

function valueOf(source: Source): unknown {
  try {
    return source.document.toJS({ maxAliasCount: 50 });
  } catch {
    throw faultError(source, {
      entry: settingsErrors.settingsSyntax,
      message: "The aliases (`*name`) stand for too much, or for nothing.",
      offset: 0,
    });
  }
}

function validated(source: Source, value: unknown): SettingsFile {
  const parsed = settingsSchema.safeParse(value);
  if (!parsed.success) {
    throw faultError(source, schemaFault(source, parsed.error));
  }
  return parsed.data;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

interface Fault {
  readonly entry: ErrorEntry;
  readonly message: string;
  readonly offset: number;
  readonly fix?: string | undefined;
}

function faultError({ file, lines }: Source, fault: Fault): SkeinError {
  const { line, col } = lines.linePos(fault.offset);
  return new SkeinError(fault.entry, {
    message: `${file}, line ${String(line)}, column ${String(col)}: ${fault.message}`,
    fix: fault.fix,
    facts: { file, line, column: col },
  });
}

/** Rules are read where the environment is somebody else's. */
function refuseVariables(source: Source): void {
  const section = source.document.get("rules", true);
  if (!isNode(section)) {
    return;
  }
  visit(section, {
    Scalar: (_key, { value, range }) => {
      if (typeof value === "string" && value.includes("${")) {
        throw faultError(source, {
          entry: settingsErrors.settingsVariable,
          message: "`rules` takes no variables: they are read on other machines too.",
          offset: range?.[0] ?? 0,
          fix: "Write the value itself.",
        });
      }
    },
  });
}

/** Replaces `${NAME}` and `${NAME:-default}` in values, but not in commands, which have variables of their own. */
function substitute(source: Source, env: SettingsText["env"]): void {
  visit(source.document, {
    Pair: (_key, pair) =>
      isScalar(pair.key) && pair.key.value === "checks" && isMap(pair.value)
        ? visit.SKIP
        : undefined,
    Scalar: (key, node) => {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) {
        return;
      }
      node.value = plainValue(
        node.value.replaceAll(/\$\{([^}]*)\}/gu, (_whole, inner: string) =>
          variable(source, { inner, offset: node.range?.[0] ?? 0, env }),
        ),
      );
    },
  });
}

/** A whole number or a boolean that came from a variable is one. */
function plainValue(text: string): string | number | boolean {
  if (/^(?:true|false)$/u.test(text)) {
    return text === "true";
  }
  return /^-?\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text;
}

interface Variable {
  readonly inner: string;
  readonly offset: number;
  readonly env: SettingsText["env"];
}

function variable(source: Source, { inner, offset, env }: Variable): string {
  const entry = settingsErrors.settingsVariable;
  const found = /^([A-Za-z_]\w*)(?::-(.*))?$/u.exec(inner);
  const name = found?.[1];
  if (name === undefined) {
    const message = `\${${inner}} is not the name of a variable.`;
    throw faultError(source, { entry, message, offset });
  }
  if (/(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY)/iu.test(name)) {
    const message = `${name} holds a secret by its name, and settings are shown and logged.`;
    throw faultError(source, { entry, message, offset });
  }
  const value = env[name] ?? found?.[2];
  if (value === undefined) {
    const message = `The environment variable ${name} is not set and has no default.`;
    throw faultError(source, { entry, message, offset });
  }
  return value;
}

function schemaFault(source: Source, error: z.ZodError): Fault {
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  if (issue?.code === "unrecognized_keys") {
    return unknownKey(source, { path, key: issue.keys[0] ?? "" });
  }
  if (issue?.code === "invalid_key") {
    const [inner] = issue.issues;
    return wrongValue(path, inner?.message, keyOffset(source, path));
  }
  return wrongValue(path, issue?.message, offsetAt(source, path));
}

function wrongValue(
  path: readonly PropertyKey[],
  reason: string | undefined,
  offset: number,
): Fault {
  return {
    entry: settingsErrors.settingsValue,
    message: `\`${path.join(".")}\`: ${reason ?? "wrong value"}.`,
    offset,
  };
}

function unknownKey(
  source: Source,
  at: { readonly path: readonly PropertyKey[]; readonly key: string },
): Fault {
  const allowed = allowedKeys(at.path);
  const known = nearest(at.key, allowed) ?? nearest(at.key, allKeys());
  const hint = known === null ? "" : ` Did you mean \`${known}\`?`;
  const list = allowed.length === 0 ? "" : ` Allowed here: ${allowed.join(", ")}.`;
  return {
    entry: settingsErrors.settingsKey,
    message: `\`${[...at.path, at.key].join(".")}\` is no setting.${hint}${list}`,
    offset: keyOffset(source, [...at.path, at.key]),
  };
}

function offsetAt(source: Source, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = source.document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return node.range[0];
    }
  }
  return 0;
}

function keyOffset(source: Source, path: readonly PropertyKey[]): number {
  const parent: unknown =
    path.length === 1 ? source.document.contents : source.document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) {
    return 0;
  }
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  const key: Node | null = isNode(pair?.key) ? pair.key : null;
  return key?.range?.[0] ?? 0;
}

/** Commands run without a shell. */
function checkCommands(source: Source, settings: SettingsFile): void {
  for (const [name, { run }] of Object.entries(settings.checks ?? {})) {
    if (typeof run === "string" && splitWords(run) === null) {
      throw faultError(source, {
        entry: settingsErrors.settingsCommand,
        message: `The command of the check \`${name}\` needs a shell.`,
        offset: offsetAt(source, ["checks", name, "run"]),
      });
    }
  }
}

function checkReferences(source: Source, settings: SettingsFile): void {
  const misfit = findMisfit(settings);
  if (misfit !== null) {
    throw faultError(source, {
      entry: settingsErrors.settingsValue,
      message: misfit.message,
      offset: offsetAt(source, misfit.path),
    });
  }
}

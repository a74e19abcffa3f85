import type { z } from "zod";

import { nearest } from "../core/base/nearest.ts";
import { allowedValue, allowedWords } from "./allowed-value.ts";
import { settingsErrors } from "./errors.ts";
import { keyOffset, offsetAt } from "./fault.ts";
import type { Fault, Source } from "./fault.ts";
import { allKeys, allowedKeys } from "./known-keys.ts";

/** Where a value is wrong, and the part of its sentence after the name of the place. */
export interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  /** `key`: the name itself is wrong; `unknown`: nothing has that name. */
  readonly of: "value" | "key" | "unknown";
}

type Issue = z.core.$ZodIssue;

/** Says in words of ours what a schema found, in what a file or a flag says; `value` is what was looked at. */
export function wrongsOf(issues: readonly Issue[], value: unknown): readonly Wrong[] {
  const misspelt = new Set(issues.filter(({ code }) => code === "unrecognized_keys").map(placeOf));
  return issues
    .filter((issue) => issue.code !== "custom" || !misspelt.has(placeOf(issue)))
    .flatMap((issue) => wrongOf(issue, value));
}

/** What a section lacks may be what is misspelt in it. */
function placeOf({ path }: Issue): string {
  return JSON.stringify(path);
}

export function schemaFaults(
  source: Source,
  issues: readonly Issue[],
  value: unknown,
): readonly Fault[] {
  return wrongsOf(issues, value).map((wrong) => faultOf(source, wrong));
}

function faultOf(source: Source, { path, what, of }: Wrong): Fault {
  return {
    entry: of === "unknown" ? settingsErrors.settingsKey : settingsErrors.settingsValue,
    message: path.length === 0 ? `The file${what}` : `\`${path.join(".")}\`${what}`,
    offset: of === "value" ? offsetAt(source, path) : keyOffset(source, path),
  };
}

function wrongOf(issue: Issue, value: unknown): readonly Wrong[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      what: unknownText(path, key),
      of: "unknown",
    }));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map((inner) => ({
      path,
      what: ownWords(inner) ?? " is no name.",
      of: "key",
    }));
  }
  if (issue.code === "invalid_union") {
    return unionWrongs(issue, value);
  }
  const what = ownWords(issue) ?? valueText(path, valueAt(value, path));
  return [{ path, what, of: "value" }];
}

/** Every pattern and every check of the schema has its own sentence; null for what the validator says by itself. */
function ownWords({ code, message }: Issue): string | null {
  return code === "invalid_format" || code === "custom" ? `: ${message}.` : null;
}

function unknownText(path: readonly PropertyKey[], key: string): string {
  const allowed = allowedKeys(path);
  const known = nearest(key, allowed) ?? nearest(key, allKeys());
  const hint = known === null ? "" : ` Did you mean \`${known}\`?`;
  const list = allowed.length === 0 ? "" : ` Allowed here: ${allowed.join(", ")}.`;
  return ` is no setting.${hint}${list}`;
}

/** Of several shapes the one that was meant is that whose parts are wrong, and not the whole. */
function unionWrongs(
  issue: Extract<Issue, { readonly code: "invalid_union" }>,
  value: unknown,
): readonly Wrong[] {
  const meant = issue.errors.find((inner) =>
    inner.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"),
  );
  return meant === undefined
    ? [{ path: issue.path, what: valueText(issue.path, valueAt(value, issue.path)), of: "value" }]
    : wrongsOf(
        meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
        value,
      );
}

function valueText(path: readonly PropertyKey[], value: unknown): string {
  const allowed = allowedValue(path);
  if (value === undefined) {
    return ` is missing; it takes ${allowed}.`;
  }
  const words = allowedWords(path);
  const known = typeof value === "string" ? nearest(value, words) : null;
  const hint = known === null ? "" : ` Did you mean "${known}"?`;
  return ` takes ${allowed}${instead(value, words)}.${hint}`;
}

/** What stands there, without its text: that may be a key that somebody pasted. */
function instead(value: unknown, words: readonly string[]): string {
  if (value === null) {
    return "; it is empty";
  }
  if (Number.isNaN(value)) {
    return "";
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return `, not ${String(value)}`;
  }
  if (typeof value === "string") {
    return words.length > 0 ? "" : `, not text of ${String(value.length)} characters`;
  }
  return Array.isArray(value) ? `, not a list of ${String(value.length)}` : ", not a section";
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? new Map(Object.entries(at)).get(String(key))
        : undefined,
    value,
  );
}

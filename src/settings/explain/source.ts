import { LineCounter, parseDocument } from "yaml";

import type { Json } from "../../core/base/json.ts";
import { offsetAt } from "../fault.ts";
import { parseSettings } from "../file.ts";
import { isRecord } from "../schema-part.ts";

/** A settings file as text. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** The branch on which it is committed; null: it lies in the worktree. */
  readonly branch: string | null;
}

/** A settings file that was read, with the place of each of its values. */
export interface ReadSource {
  readonly written: unknown;
  /** What it says of a setting; undefined: nothing. */
  at(path: readonly string[]): WrittenValue | undefined;
}

export interface WrittenValue {
  readonly value: Json;
  /** As `skein.yml:3`, or `main:skein.yml:3` where it is committed. */
  readonly where: string;
}

/** Reads a settings file for its places. @throws {SkeinError} SKN-2001 to SKN-2006. */
export function readSource(
  { file, text, branch }: SourceText,
  env: Readonly<Record<string, string | undefined>>,
): ReadSource {
  const place = branch === null ? file : `${branch}:${file}`;
  const values = parseSettings({ file: place, text, env });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const written: unknown = document.toJS({ maxAliasCount: 50 });
  return {
    written,
    at: (path) => {
      if (valueAt(written, path) === undefined) {
        return undefined;
      }
      const value = jsonOf(valueAt(values, path));
      const { line } = lines.linePos(offsetAt({ file, document, lines }, path));
      return { value, where: `${place}:${String(line)}` };
    },
  };
}

function valueAt(written: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (isRecord(part) ? part[key] : undefined), written);
}

/** A value of the settings as JSON has it; what the file left to nothing is null. */
export function jsonOf(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}

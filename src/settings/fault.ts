import { isMap, isNode, isScalar } from "yaml";
import type { Document, LineCounter, Node } from "yaml";

import { SkeinError } from "../core/base/errors.ts";
import type { ErrorEntry } from "../core/base/errors.ts";

/** A `skein.yml` with the places of its parts. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** One thing that is wrong with the file, and where. */
export interface Fault {
  readonly entry: ErrorEntry;
  /** A sentence that says what is allowed. */
  readonly message: string;
  /** In characters from the beginning. */
  readonly offset: number;
  /** Default: the entry's. */
  readonly fix?: string | undefined;
}

const shownFaults = 20;

/** Builds the one error for all faults of a file, in its order: the first in words, up to 20 in `facts.errors`. */
export function faultError({ file, lines }: Source, faults: readonly Fault[]): SkeinError {
  const placed = faults
    .toSorted((left, right) => left.offset - right.offset)
    .map((fault) => ({ ...fault, at: lines.linePos(fault.offset) }));
  const [first] = placed;
  if (first === undefined) {
    throw new TypeError("An error needs at least one fault.");
  }
  const { line, col: column } = first.at;
  const more = placed.length > 1 ? ` (And ${String(placed.length - 1)} more.)` : "";
  return new SkeinError(first.entry, {
    message: `${file}, line ${String(line)}, column ${String(column)}: ${first.message}${more}`,
    fix: first.fix,
    facts: {
      file,
      line,
      column,
      errors: placed.slice(0, shownFaults).map(({ entry, message, fix = entry.fix, at }) => ({
        code: entry.code,
        line: at.line,
        column: at.col,
        message,
        fix,
      })),
      error_count: placed.length,
    },
  });
}

/** Where a value stands; where the nearest part above it does, when it is missing. */
export function offsetAt({ document }: Source, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return node.range[0];
    }
  }
  return 0;
}

/** Where a key stands. */
export function keyOffset({ document }: Source, path: readonly PropertyKey[]): number {
  const parent: unknown =
    path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) {
    return 0;
  }
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  const key: Node | null = isNode(pair?.key) ? pair.key : null;
  return key?.range?.[0] ?? 0;
}

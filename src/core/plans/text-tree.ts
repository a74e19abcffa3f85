/** A value of a plan file together with the place where it stands, whatever the format. */
export type TextNode =
  | { readonly kind: "map"; readonly entries: readonly TextEntry[]; readonly at: Place }
  | { readonly kind: "list"; readonly items: readonly TextNode[]; readonly at: Place }
  | {
      readonly kind: "scalar";
      readonly value: string | number | boolean | null;
      readonly at: Place;
    };

/** One key of a map and its value. */
export interface TextEntry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: TextNode;
}

/** A place in a text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Deeper nesting is refused: no plan needs it, and it would exhaust the stack. */
export const deepestNesting = 64;

/** Tells line and column of an offset, fast for any number of questions. */
export function createPlaces(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Names what a node is, for messages. */
export function nameOf(node: TextNode): string {
  if (node.kind !== "scalar") {
    return node.kind === "map" ? "a map" : "a list";
  }
  if (node.value === null) {
    return "nothing";
  }
  if (typeof node.value === "number") {
    // JSON knows no infinity and would call it null.
    return String(node.value);
  }
  const shown = JSON.stringify(node.value);
  return shown.length > 40 ? `${shown.slice(0, 37)}…"` : shown;
}

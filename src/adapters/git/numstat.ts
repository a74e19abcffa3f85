import type { SizedFile } from "../../core/rules/index.ts";

/** A changed file with its lines counted. */
export type Counted = Omit<SizedFile, "changesDependencies" | "firstLine">;

type States = Pick<Counted, "path" | "oldPath" | "kind">;
type Sizes = Pick<Counted, "addedLines" | "removedLines">;

/** Reads `git diff --raw --numstat -z`: first every file's states, then every file's lines, in the same order. */
export function parseNumstat(text: string): readonly Counted[] {
  const fields = text.split("\0");
  const states: States[] = [];
  let index = 0;
  for (; fields[index]?.startsWith(":") === true; index += states.at(-1)?.oldPath == null ? 2 : 3) {
    states.push(statesOf(fields.slice(index, index + 3)));
  }
  const sizes = sizesOf(fields.slice(index));
  return states.map((file, at) => ({ ...file, ...(sizes[at] ?? binary) }));
}

const binary: Sizes = { addedLines: null, removedLines: null };

/** A field of states, then the path; of renames and copies the old one and the new one. */
function statesOf([field = "", first = "", second = ""]: readonly string[]): States {
  const letter = /([A-Z])\d*$/u.exec(field)?.[1] ?? "M";
  if (letter === "R" || letter === "C") {
    return { path: second, oldPath: first, kind: letter === "R" ? "renamed" : "copied" };
  }
  const kinds = new Map<string, Counted["kind"]>([
    ["A", "added"],
    ["D", "deleted"],
  ]);
  return { path: first, oldPath: null, kind: kinds.get(letter) ?? "modified" };
}

/** `1\t2\tpath`, and of renames `1\t2\t`, old path, new path; `-` for binary files. */
function sizesOf(fields: readonly string[]): readonly Sizes[] {
  const sizes: Sizes[] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const [, added = "", removed = "", path = ""] =
      /^(\d+|-)\t(\d+|-)\t(.*)$/su.exec(fields[index] ?? "") ?? [];
    if (added !== "") {
      sizes.push({ addedLines: countOf(added), removedLines: countOf(removed) });
      index += path === "" ? 2 : 0;
    }
  }
  return sizes;
}

function countOf(text: string): number | null {
  return text === "-" ? null : Number(text);
}

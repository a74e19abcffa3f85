import { anchorAt, lineAt } from "./diff.ts";
import type { FileDiff } from "./diff.ts";
import { numberIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { Anchor, Side } from "./state.ts";

/** An anchor that stands in the diff, or what is wrong with the one that was asked for. */
export type Placed =
  | { readonly kind: "placed"; readonly anchor: Anchor; readonly file: FileDiff }
  | { readonly kind: "bad"; readonly field: string; readonly problem: string };

/** Finds the place that a comment asks for: by file, by line and side, or by the old position. */
export function placeAnchor(files: readonly FileDiff[], asked: JsonObject): Placed {
  const path = textIn(asked, "path") ?? "";
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) {
    return bad("path", "could not be resolved");
  }
  if (asked["subject_type"] === "file") {
    const anchor: Anchor = { path, side: "RIGHT", line: null, startLine: null, startSide: null };
    return { kind: "placed", anchor, file };
  }
  const position = numberIn(asked, "position");
  if (position !== null) {
    const anchor = anchorAt(file, position);
    return anchor === null ? bad("position", "is invalid") : { kind: "placed", anchor, file };
  }
  return placeLine(file, asked);
}

function placeLine(file: FileDiff, asked: JsonObject): Placed {
  const line = numberIn(asked, "line");
  const side = sideIn(asked, "side") ?? "RIGHT";
  const startLine = numberIn(asked, "start_line");
  const startSide = sideIn(asked, "start_side") ?? side;
  if (!isSide(asked["side"]) || !isSide(asked["start_side"])) {
    return bad("side", "is not included in the list");
  }
  const end = line === null ? null : lineAt(file, side, line);
  if (line === null || end === null) {
    return bad("line", "must be part of the diff");
  }
  const anchor: Anchor = { path: file.path, side, line, startLine: null, startSide: null };
  if (startLine === null) {
    return asked["start_side"] === undefined
      ? { kind: "placed", anchor, file }
      : bad("start_line", "can't be blank");
  }
  const start = lineAt(file, startSide, startLine);
  if (start === null || start.hunk !== end.hunk) {
    return bad("start_line", "must be part of the same hunk as the line.");
  }
  return start.at >= end.at
    ? bad("start_line", "must precede the end line.")
    : { kind: "placed", anchor: { ...anchor, startLine, startSide }, file };
}

function bad(field: string, problem: string): Placed {
  return { kind: "bad", field, problem };
}

function sideIn(asked: JsonObject, field: string): Side | null {
  const side = textIn(asked, field);
  return side === "LEFT" || side === "RIGHT" ? side : null;
}

function isSide(value: unknown): boolean {
  return value === undefined || value === "LEFT" || value === "RIGHT";
}

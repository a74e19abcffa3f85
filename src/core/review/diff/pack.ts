import type { ChangedFile, Hunk } from "../change.ts";
import type { LineRange } from "../review.ts";
import { roleOf } from "./file-role.ts";
import type { FileRole } from "./file-role.ts";
import { rangeOf } from "./lines.ts";
import { renderFileHead, renderHunk } from "./render.ts";
import { splitHunk } from "./split-hunk.ts";

/** What one call shows: files with those of their hunks that are in it. */
export interface Pack {
  readonly files: readonly ChangedFile[];
  readonly tokens: number;
}

export interface Packing {
  readonly packs: readonly Pack[];
  /** Hunks that no pack had room for. */
  readonly unseen: readonly LineRange[];
  /** Files and hunks that were to be packed. A hunk too large for one pack counts as its parts. */
  readonly files: number;
  readonly hunks: number;
}

export interface PackOptions {
  /** Estimates a text's tokens. */
  readonly tokensOf: (text: string) => number;
  /** What one pack may hold at most. */
  readonly packTokens: number;
  readonly maxPacks: number;
}

/** Packs are filled in this order, so that what finds no room is the least telling. */
const order: readonly FileRole[] = ["code", "config", "test", "docs"];

/**
 * Packs a change for reviewers, by hunk: a file stays together where a pack has room for it, else its hunks are spread; a hunk too large for
 * any pack is cut between lines, and each part says so. What finds no room is named.
 */
export function packFiles(files: readonly ChangedFile[], options: PackOptions): Packing {
  const units = files.map((file) => unitOf(file, options));
  const boxes: Box[] = [];
  const unseen: LineRange[] = [];
  for (const unit of units.toSorted(byRole)) {
    if (!put(boxes, unit, options)) {
      const { file } = unit;
      const left = unit.pieces.filter((piece) => !put(boxes, { file, pieces: [piece] }, options));
      unseen.push(...left.map(({ hunk }) => rangeOf(file, hunk)));
    }
  }
  return {
    packs: boxes.map(closed),
    unseen,
    files: files.length,
    hunks: units.reduce((sum, { pieces }) => sum + pieces.length, 0),
  };
}

interface Piece {
  readonly hunk: Hunk;
  readonly tokens: number;
}

interface Unit {
  readonly file: ChangedFile;
  readonly pieces: readonly Piece[];
}

/** A pack that is being filled; by file object, for a path may stand twice in a diff. */
interface Box {
  readonly hunks: Map<ChangedFile, Hunk[]>;
  tokens: number;
}

function unitOf(file: ChangedFile, options: PackOptions): Unit {
  const room = options.packTokens - options.tokensOf(renderFileHead(file)) - 1;
  const tokensOf = (hunk: Hunk): number => options.tokensOf(renderHunk(file, hunk)) + 1;
  const pieces = file.hunks
    .flatMap((hunk) => splitHunk(hunk, { room, tokensOf }))
    .map((hunk) => ({ hunk, tokens: tokensOf(hunk) }));
  return { file, pieces };
}

function byRole(one: Unit, other: Unit): number {
  return order.indexOf(roleOf(one.file.path)) - order.indexOf(roleOf(other.file.path));
}

/** Puts a unit into the first box with room, opening a new one if there may be one more. */
function put(boxes: Box[], unit: Unit, options: PackOptions): boolean {
  const head = options.tokensOf(renderFileHead(unit.file)) + 1;
  const body = unit.pieces.reduce((sum, { tokens }) => sum + tokens, 0);
  const cost = (box: Box): number => box.tokens + body + (box.hunks.has(unit.file) ? 0 : head);
  let box = boxes.find((each) => cost(each) <= options.packTokens);
  if (box === undefined && boxes.length < options.maxPacks && head + body <= options.packTokens) {
    box = { hunks: new Map(), tokens: 0 };
    boxes.push(box);
  }
  if (box === undefined) {
    return false;
  }
  box.tokens = cost(box);
  const hunks = box.hunks.get(unit.file) ?? [];
  hunks.push(...unit.pieces.map(({ hunk }) => hunk));
  box.hunks.set(unit.file, hunks);
  return true;
}

function closed({ hunks, tokens }: Box): Pack {
  return { files: Array.from(hunks, ([file, own]) => ({ ...file, hunks: own })), tokens };
}

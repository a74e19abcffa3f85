import type { TaskGraph } from "./graph.ts";
import type { ScopeOverlap } from "./requests.ts";

/** A task that may be handed out, with its scope. */
export interface ScopedTask {
  readonly id: string;
  readonly files: readonly string[];
}

/** Compares patterns, each as a plan writes it. */
export interface ScopeSearch {
  /** Tells whether some path matches both. */
  overlaps(this: void, left: string, right: string): boolean;
  /** What it takes to compare a pattern with another: two take the product of both, and two usual ones 1. */
  weightOf(this: void, file: string): number;
}

/** Begins a search, in which each pattern may be asked about many times. */
export type OverlapSearch = () => ScopeSearch;

/** What it takes to hold each pattern of one scope against each of the other. */
export function comparisonsOf(
  { weightOf }: ScopeSearch,
  left: readonly string[],
  right: readonly string[],
): number {
  return weightOfAll(left, weightOf) * weightOfAll(right, weightOf);
}

function weightOfAll(files: readonly string[], weightOf: ScopeSearch["weightOf"]): number {
  return files.reduce((sum, file) => sum + weightOf(file), 0);
}

/** What the search for overlapping scopes came to. */
export interface OverlapReport {
  readonly overlaps: readonly ScopeOverlap[];
  /** False when it stopped at its bounds. */
  readonly isComplete: boolean;
}

const shown = 20;
const mostComparisons = 50_000;
const mostWalks = 200;

/**
 * Finds tasks whose scopes overlap though neither waits for the other: they cannot run at the same time. The work is bounded: a large plan
 * is looked at in part, and the report says so.
 */
export function findOverlaps(
  tasks: readonly ScopedTask[],
  graph: TaskGraph,
  search: ScopeSearch,
): OverlapReport {
  const found: ScopeOverlap[] = [];
  // Pairs without a path would cost time and no comparison.
  const scoped = tasks.filter(({ files }) => files.length > 0);
  let comparisons = 0;
  let walks = 0;
  for (const [at, left] of scoped.entries()) {
    for (const right of scoped.slice(at + 1)) {
      comparisons += comparisonsOf(search, left.files, right.files);
      if (comparisons > mostComparisons || walks >= mostWalks || found.length >= shown) {
        return { overlaps: found, isComplete: false };
      }
      const files = commonFiles(left, right, search);
      walks += files === null ? 0 : 1;
      if (files !== null && !isOrdered(graph, left.id, right.id)) {
        found.push({ tasks: [left.id, right.id], files });
      }
    }
  }
  return { overlaps: found, isComplete: true };
}

function isOrdered(graph: TaskGraph, one: string, other: string): boolean {
  return waitsFor(graph, one, other) || waitsFor(graph, other, one);
}

function commonFiles(
  left: ScopedTask,
  right: ScopedTask,
  { overlaps }: ScopeSearch,
): readonly [string, string] | null {
  for (const one of left.files) {
    const other = right.files.find((file) => one === file || overlaps(one, file));
    if (other !== undefined) {
      return [one, other];
    }
  }
  return null;
}

function waitsFor(graph: TaskGraph, from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of graph.edges.get(id) ?? []) {
      if (next === to) {
        return true;
      }
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  }
  return false;
}

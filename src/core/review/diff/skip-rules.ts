import type { ChangedFile, DiffLine } from "../change.ts";
import { isMinified } from "./endless.ts";

/** Why no reviewer is shown a file. */
export type SkipKind =
  | "binary"
  | "unchanged"
  | "lock"
  | "vendored"
  | "minified"
  | "generated"
  | "large"
  | "excluded"
  | "settled";

/** One built-in rule: what it is called, whom it meets, and what people are told. */
export interface SkipRule {
  readonly kind: SkipKind;
  readonly reason: string;
  readonly meets: (file: ChangedFile) => boolean;
}

/** How many lines of a generated file's beginning are searched for its mark. */
const headLines = 20;

const lockFile =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|Gemfile\.lock|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|go\.sum|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock|Package\.resolved|packages\.lock\.json|gradle\.lockfile|\.terraform\.lock\.hcl)$/u;

const vendoredPath =
  /(?:^|\/)(?:node_modules|bower_components|vendor|vendors|third[_-]?party|\.yarn\/(?:releases|plugins)|Pods|Carthage\/Build|Godeps)\//u;

const minifiedPath = /(?:[.-]min\.(?:js|mjs|css)|\.(?:js|mjs|css)\.map)$/iu;

const generatedPath =
  /(?:(?:^|\/)(?:dist|__generated__|__snapshots__|generated)\/|\.(?:pb|g|freezed|generated|designer)\.[a-z]+$|\.pb\.(?:go|cc|h)$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|ts)$|\.snap$|(?:^|\/)zz_generated\.)/iu;

const generatedMark =
  /@generated\b|\bcode generated\b.*\bdo not edit\b|<auto-?generated\b|\bauto-?generated (?:file|by)\b/iu;

/** A mark counts in a comment only, so that code which speaks of marks is reviewed. */
const comment = /^\s*(?:\/\/|\/?\*|#|<!--|--|;|%|"""|''')/u;

/** The first rule that meets a file decides. */
export const skipRules: readonly SkipRule[] = [
  { kind: "binary", reason: "It is a binary file.", meets: ({ isBinary }) => isBinary },
  {
    kind: "unchanged",
    reason: "Only its name or its mode changed.",
    meets: ({ hunks }) => hunks.length === 0,
  },
  {
    kind: "lock",
    reason: "It is a lock file; the checks look at it.",
    meets: ({ path }) => isLockFile(path),
  },
  {
    kind: "vendored",
    reason: "It is a vendored file.",
    meets: ({ path }) => vendoredPath.test(path),
  },
  {
    kind: "minified",
    reason: "It is minified, or a source map.",
    meets: (file) => minifiedPath.test(file.path) || isMinified(file),
  },
  {
    kind: "generated",
    reason: "It lies where generated files lie.",
    meets: ({ path }) => generatedPath.test(path),
  },
  {
    kind: "generated",
    reason: "Its head says that it is generated, and said so before.",
    meets: saysGenerated,
  },
];

/** True for the file in which a package manager keeps the versions that it chose. */
export function isLockFile(path: string): boolean {
  return lockFile.test(path);
}

/** Before the change and after it: a change cannot declare its own code generated, and hide it so from reviewers. */
function saysGenerated({ hunks }: ChangedFile): boolean {
  const marks = hunks.flatMap(({ lines }) => lines).filter(isMark);
  return (
    marks.some(({ oldLine }) => oldLine !== null && oldLine <= headLines) &&
    marks.some(({ newLine }) => newLine !== null && newLine <= headLines)
  );
}

function isMark({ text }: DiffLine): boolean {
  return comment.test(text) && generatedMark.test(text.slice(0, 500));
}

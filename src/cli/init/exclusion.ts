import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Git, Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { namesSkein, readAgentFile, readableText } from "./agent-file.ts";
import { checkInside, realOf } from "./apply.ts";
import { isListedAt, lineOf, listedLines, withExcluded, withoutExcluded } from "./exclude-list.ts";
import type { IsOwnLine } from "./exclude-list.ts";
import { attempt } from "./faults.ts";
import type { FileChange } from "./file-change.ts";
import { ownerOf } from "./file-owner.ts";
import type { Ground } from "./file-owner.ts";
import type { Launch } from "./launch.ts";
import { agentFiles, pathsReadFromMain } from "./plan-changes.ts";
import type { InitRecord, RecordedFile } from "./record.ts";
import { standingOf } from "./standing.ts";
import type { Standing } from "./standing.ts";

/** Git's list of what it passes over in every worktree of a clone; it is in no commit. */
export function excludePath(commonDir: string): string {
  return join(commonDir, "info", "exclude");
}

/** What the list is to say. */
export interface Exclusion {
  readonly change: FileChange;
  /** The files that it names, in all worktrees; absolute, through no link. */
  readonly excluded: readonly string[];
}

export interface ExclusionFacts {
  readonly repository: Repository;
  readonly ground: Ground;
  readonly launch: Launch;
  readonly record: InitRecord;
}

/** The same, and what becomes of the files of this worktree. */
export interface OwnExclusion extends Exclusion {
  /** Those of this worktree. */
  readonly own: readonly string[];
  /** Files with paths of this machine that git takes into commits; absolute. */
  readonly open: readonly string[];
  /** Files for everybody that the list names for other worktrees; absolute. */
  readonly hidden: readonly string[];
}

export interface ExclusionWish extends ExclusionFacts {
  readonly git: Git;
  readonly isPortable: boolean;
  readonly changes: readonly FileChange[];
  /** The files of agent programs as `init` wants them, whether or not they change. */
  readonly wanted: readonly string[];
}

/**
 * Decides which files git is to pass over: those that `init` made here and that nobody tracks, as an agent that adds all there is would put
 * them into its commit. None where they are for everybody. Those of other worktrees stay named.
 *
 * @throws {SkeinError} SKN-2095 where the list is no text.
 */
export async function decideExclusion(wish: ExclusionWish): Promise<OwnExclusion> {
  const { isPortable, repository, record, ground, launch } = wish;
  const wanted = wish.wanted.map(realFile);
  const isLasting = !isPortable && launch.kind === "absolute";
  if (!isOurs(repository)) {
    const excluded = othersOf(record.excluded, wish);
    const open = isLasting ? wanted : [];
    return { change: noChange(repository), excluded, own: [], open, hidden: [] };
  }
  const made = isPortable ? [] : madeBy(wish);
  const isNeeded = made.length > 0 || othersOf(record.excluded, wish).length > 0;
  const text = readList(repository, isNeeded);
  const known = knownIn(text, wish);
  const others = othersOf(known, wish);
  const candidates = isPortable ? [] : [...made, ...known.filter((path) => isMine(path, wish))];
  const asked = isPortable && others.length === 0 ? [] : [...candidates, ...wanted];
  const standings = await standingsOf(asked, text, wish);
  const isPlain = (path: string): boolean => standings.get(path) === "plain";
  const own = candidates.filter((path) => isPlain(path) && willBe(path, wish.changes));
  const excluded = [...new Set([...others, ...own])];
  const lines = new Set(linesOf(others, ground));
  return {
    change: listed(text, excluded, { ...wish, known }),
    excluded,
    own,
    open: isLasting ? [...new Set(asked)].filter((path) => isOpen(path, standings, own)) : [],
    hidden: wanted.filter((path) => isPortable && isPlain(path) && isIn(lines, path, ground)),
  };
}

/** Decides what is left of the list when files go. @throws {SkeinError} SKN-2095 as `decideExclusion`. */
export function exclusionWithout(
  goes: (path: string) => boolean,
  facts: ExclusionFacts,
): Exclusion {
  const { repository, record, ground } = facts;
  const stays = (path: string): boolean => !goes(path) && isThere(path, ground);
  if (!isOurs(repository)) {
    return { change: noChange(repository), excluded: record.excluded.filter(stays) };
  }
  const text = readList(repository, record.excluded.some(stays));
  const known = knownIn(text, facts);
  const excluded = known.filter(stays);
  return { change: listed(text, excluded, { ...facts, known }), excluded };
}

/** A list that a link puts outside the repository is a person's for many. */
function isOurs(repository: Repository): boolean {
  const path = excludePath(repository.commonDir);
  return !(attempt(() => checkInside({ path }, repository)) instanceof SkeinError);
}

function noChange({ commonDir }: Repository): FileChange {
  return { path: excludePath(commonDir), before: null, after: null, mode: null };
}

function readList({ root, commonDir }: Repository, isNeeded: boolean): string | null {
  const path = excludePath(commonDir);
  return isNeeded || namesSkein(path)
    ? readAgentFile(path, relative(root, path))
    : readableText(path);
}

/** What is recorded, and what the files and the list tell where no record does. */
function knownIn(
  text: string | null,
  { ground, launch, record }: Omit<ExclusionFacts, "repository">,
): readonly string[] {
  const recorded = new Set(linesOf(record.excluded, ground));
  const forgotten = new Set(listedLines(text ?? "").filter((line) => !recorded.has(line)));
  const found = ground.roots
    .flatMap((root) => agentFiles(root, launch).map(realFile))
    .filter((path) => isIn(forgotten, path, ground) && namesSkein(path));
  return [...new Set([...record.excluded, ...found])];
}

/** The files here that `init` made now or before. */
function madeBy(wish: ExclusionWish): readonly string[] {
  const recorded = wish.record.files.filter(({ before }) => before === null);
  const made = wish.changes.filter(({ before, after }) => before === null && after !== null);
  return [...new Set([...made, ...recorded].map(({ path }) => realFile(path)))].filter(
    (path) => isMine(path, wish) && willBe(path, wish.changes),
  );
}

function othersOf(paths: readonly string[], facts: ExclusionFacts): readonly string[] {
  return paths.filter((path) => !isMine(path, facts) && isThere(path, facts.ground));
}

/** True for a file of this worktree, or one that is read for it from the main one. */
function isMine(path: string, { repository, ground, launch }: ExclusionFacts): boolean {
  const owner = ownerOf(path, ground);
  const isHere = owner.kind === "worktree" && owner.root === ground.roots[0];
  return isHere || pathsReadFromMain(repository.root, launch, null).map(realFile).includes(path);
}

/** A worktree that is not gone and cannot be seen, as on a disk that was taken out, has its files. */
function isThere(path: string, ground: Ground): boolean {
  const owner = ownerOf(path, ground);
  return owner.kind === "worktree" && (existsSync(path) || !existsSync(owner.root));
}

function willBe(path: string, changes: readonly FileChange[]): boolean {
  return existsSync(path) || changes.some((change) => realFile(change.path) === path);
}

async function standingsOf(
  paths: readonly string[],
  text: string | null,
  { git, ground }: ExclusionWish,
): Promise<ReadonlyMap<string, Standing>> {
  const list = excludePath(ground.commonDir);
  const isListed = (source: string, line: number): boolean =>
    realOf(source) === realOf(list) && isListedAt(text ?? "", line);
  const found = [...new Set(paths)].map(async (path) => {
    const owner = ownerOf(path, ground);
    const root = owner.kind === "worktree" ? owner.root : null;
    const name = root === null ? null : relative(root, path);
    const standing =
      root === null || name === null ? "apart" : await standingOf(git, { root, name }, isListed);
    return [path, standing] as const;
  });
  return new Map(await Promise.all(found));
}

/** True for a file that a commit of everything takes in. */
function isOpen(
  path: string,
  standings: ReadonlyMap<string, Standing>,
  own: readonly string[],
): boolean {
  const standing = standings.get(path) ?? "apart";
  return standing !== "ignored" && standing !== "apart" && !own.includes(path);
}

function isIn(lines: ReadonlySet<string>, path: string, ground: Ground): boolean {
  return linesOf([path], ground).some((line) => lines.has(line));
}

function linesOf(paths: readonly string[], ground: Ground): readonly string[] {
  return paths.flatMap((path) => {
    const owner = ownerOf(path, ground);
    const name = owner.kind === "worktree" ? relative(owner.root, path) : null;
    return name === null ? [] : (lineOf(name.replaceAll("\\", "/")) ?? []);
  });
}

interface Listing extends ExclusionFacts {
  readonly known: readonly string[];
}

function listed(
  before: string | null,
  excluded: readonly string[],
  { repository, ground, launch, record, known }: Listing,
): FileChange {
  const path = excludePath(repository.commonDir);
  const lines = [...new Set(linesOf(excluded, ground))].toSorted();
  const agents = ground.roots.flatMap((root) => agentFiles(root, launch).map(realFile));
  const names = new Set([...known, ...agents].map((file) => basename(file)));
  // Of a worktree that is gone, nobody knows any more where its top was.
  const isOwn: IsOwnLine = (line) => line.startsWith("/") && names.has(basename(line));
  const earlier = record.files.find((file) => file.path === path) ?? null;
  const after =
    lines.length === 0 ? emptied(before, earlier, isOwn) : withExcluded(before ?? "", lines, isOwn);
  return { path, before, after, mode: null };
}

/** As it was before `init` wherever nobody else changed it since. */
function emptied(
  text: string | null,
  earlier: RecordedFile | null,
  isOwn: IsOwnLine,
): string | null {
  if (text === null) {
    return null;
  }
  if (earlier?.after === text) {
    return earlier.before === null ? null : withoutExcluded(earlier.before, isOwn);
  }
  const left = withoutExcluded(text, isOwn);
  const isLeftover = left === "" && text !== "" && (earlier?.before ?? null) === null;
  return isLeftover ? null : left;
}

/** Where git finds a file, which names a folder by no link to it. */
function realFile(path: string): string {
  return join(realOf(dirname(path)), basename(path));
}

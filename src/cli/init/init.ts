import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { relative } from "node:path";
import { createGit, gitErrors, locateRepository } from "../../adapters/git/index.ts";
import { removeServerRecord } from "../../adapters/server/index.ts";
import type { StoreChoice } from "../../compose.ts";
import type { Git, Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { databaseOf, storeDirOf } from "../../store-place.ts";
import { nearest } from "../../core/base/nearest.ts";
import { cleanLine } from "../../core/base/text.ts";
import { agentNames, isAgentName } from "./agents.ts";
import type { AgentName } from "./agents.ts";
import { applyChanges, checkInside, removeFolders, write } from "./apply.ts";
import { initErrors } from "./errors.ts";
import { isChange } from "./file-change.ts";
import type { FileChange } from "./file-change.ts";
import { findHookPlace, guardChanges } from "./git-hooks.ts";
import type { HookPlace } from "./git-hooks.ts";
import { findKeptFiles, noneKept } from "./kept-files.ts";
import type { KeptFiles } from "./kept-files.ts";
import { commandOf, decideLaunch } from "./launch.ts";
import type { Launch } from "./launch.ts";
import type { LiveCheck, LiveCheckOptions } from "./live-check.ts";
import { detectAgents, outlooks, pathsReadFromMain } from "./plan-changes.ts";
import { readRecord, writeRecord } from "./record.ts";
import { decideRemoval } from "./removal.ts";
import type { Removal } from "./removal.ts";
import { reportData, reportLines } from "./report.ts";
import type { Outcome } from "./report.ts";
import { findSurroundings } from "./surroundings.ts";
import { unifiedDiff } from "./unified-diff.ts";
import { counted } from "../counted.ts";

export interface InitOptions {
  /** Changes without asking. */
  readonly yes: boolean;
  /** Shows the changes and makes none. */
  readonly dryRun: boolean;
  /** Takes back what `init` did. */
  readonly remove: boolean;
  readonly json: boolean;
  /** Writes commands that work on every machine, for files that are committed. */
  readonly portable: boolean;
  /** The agent programs to configure, `none` for none of them; null for those that are found. */
  readonly agents: readonly string[] | null;
}

/** What `init` needs of the world around it. */
export interface InitIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to standard output, with a line end. */
  out(line: string): void;
  /** Writes to standard error, with a line end. */
  warn(line: string): void;
  /** Asks a person; null where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** Makes the store where there is none and checks that it opens. */
  openStore(repository: Repository): Promise<void>;
  /** Tells where the store is or would be. */
  describeStore(repository: Repository): Promise<StoreChoice>;
  /** Starts the configured server and talks to it: `checkServer`. */
  check(options: LiveCheckOptions): Promise<LiveCheck>;
}

/**
 * Sets Skein up in the repository around the working directory, or takes it out again, and tells the exit code.
 * @throws {SkeinError} SKN-109x, SKN-209x, SKN-8091 before anything is changed.
 */
export async function runInit(options: InitOptions, io: InitIo): Promise<number> {
  const repository = repositoryOf(io);
  const launch = launchOf(repository, { ...options, remove: false });
  const git = createGit({ cwd: repository.root, env: io.env });
  const place = await findHookPlace(git, repository);
  const names = namesOf(options, repository, io);
  const { removal, changes, kept } = await decide({
    options,
    repository,
    launch,
    place,
    git,
    names,
  });
  for (const { path } of changes) {
    checkInside(path, repository);
  }
  const store = await io.describeStore(repository);
  showChanges({ repository, changes, store, options, io });
  const readFromMain = repository.isWorktree
    ? pathsReadFromMain(repository.root, launch, names)
    : [];
  const tried = kept.launch ?? launch;
  const surroundings = await findSurroundings(repository.root, git);
  const found = { repository, names, changes, place, removal, readFromMain, surroundings };
  const outcome = { ...found, store, kept, launch: tried };
  if (options.dryRun || !(await agrees({ repository, changes, store }, options, io))) {
    report({ ...outcome, check: null }, options, io);
    return 0;
  }
  const check =
    removal === null
      ? await setUp({ repository, changes, launch: tried, io })
      : takeBack(repository, removal);
  report({ ...outcome, check }, options, io);
  return check?.ok === false ? 1 : 0;
}

interface Deciding {
  readonly options: InitOptions;
  readonly repository: Repository;
  readonly launch: Launch;
  readonly place: HookPlace;
  readonly git: Git;
  readonly names: readonly AgentName[];
}

async function decide({ options, repository, launch, place, git, names }: Deciding): Promise<{
  readonly removal: Removal | null;
  readonly changes: readonly FileChange[];
  readonly kept: KeptFiles;
}> {
  if (options.remove) {
    const record = readRecord(repository.commonDir);
    const removal = await decideRemoval({ repository, git, place, launch, record });
    return { removal, changes: removal.changes, kept: noneKept };
  }
  const { root } = repository;
  const kept = options.portable ? noneKept : await findKeptFiles(git, root, names);
  const ofAgents = agentChanges(repository, names, launch);
  const left = ofAgents.filter(({ path }) => !kept.paths.has(path));
  const wished = [...left, ...guardChanges(place, launch)];
  return { removal: null, changes: wished.filter(isChange), kept };
}

/** What changes in the files of agent programs. @throws {SkeinError} SKN-8091, SKN-2091, SKN-2093 to SKN-2095 when a file cannot be merged. */
function agentChanges(
  repository: Repository,
  names: readonly AgentName[],
  launch: Launch,
): readonly FileChange[] {
  return names
    .flatMap((name) => outlooks(repository.root, name, launch))
    .map(({ path, found }) => {
      if (found instanceof SkeinError) {
        // Of a file that is not this repository's, that is what is wrong.
        checkInside(path, repository);
        throw found;
      }
      return found;
    });
}

function repositoryOf({ cwd }: InitIo): Repository {
  const repository = locateRepository(cwd);
  if (repository === null) {
    throw new SkeinError(gitErrors.noRepository, { facts: { folder: cwd } });
  }
  if (repository.isBare) {
    throw new SkeinError(initErrors.isBare, { facts: { folder: repository.root } });
  }
  return repository;
}

function launchOf({ root }: Repository, { portable }: InitOptions): Launch {
  const bin = fileURLToPath(new URL("../../../bin/skein.js", import.meta.url));
  return decideLaunch({ root, node: process.execPath, bin, isPortable: portable });
}

function namesOf(
  options: InitOptions,
  { root }: Repository,
  { env }: InitIo,
): readonly AgentName[] {
  if (options.agents === null) {
    return detectAgents({ root, env });
  }
  // Git hooks and store alone, as beside the plugin.
  const named = options.agents.filter((name) => name !== "none");
  return named.map((name) => {
    if (!isAgentName(name)) {
      const guess = nearest(name, agentNames);
      throw new SkeinError(initErrors.unknownAgent, {
        message: `Skein does not know the agent program "${name}".`,
        ...(guess === null ? {} : { fix: `Did you mean ${guess}?` }),
        facts: { agent: name, known: agentNames },
      });
    }
    return name;
  });
}

interface Showing {
  readonly repository: Repository;
  readonly changes: readonly FileChange[];
  readonly store: StoreChoice;
  readonly options: InitOptions;
  readonly io: InitIo;
}

function showChanges({ repository, changes, store, options, io }: Showing): void {
  if (options.json) {
    return;
  }
  if (!options.remove && (store.project !== null || store.needsAgreement)) {
    showLedger({ repository, store, io });
  }
  for (const { path, before, after } of changes) {
    io.out(unifiedDiff(relative(repository.root, path), before, after));
  }
}

/** What a person agrees to. */
function showLedger({ repository, store, io }: Pick<Showing, "repository" | "store" | "io">): void {
  const project = store.project === null ? "" : `the project ${store.project} in `;
  io.out(`The ledger is ${project}${store.shown}.`);
  const token = store.needsAgreement ? (store.token ?? null) : null;
  if (token !== null) {
    io.out(`It is sent what \`${cleanLine(token, 200)}\` gives, as a token.`);
  }
  const file = databaseOf(storeDirOf(repository));
  if (store.shown !== file && existsSync(file)) {
    io.out(
      `The ledger in ${file} stays as it is and is asked no more. To bring it along: \`skein export FILE --db sqlite\`, then \`skein import FILE\` before anything else.`,
    );
  }
}

async function agrees(
  { repository, changes, store }: Pick<Showing, "repository" | "changes" | "store">,
  options: InitOptions,
  io: InitIo,
): Promise<boolean> {
  const asksForStore = store.needsAgreement && !options.remove;
  if (options.yes || (changes.length === 0 && !asksForStore)) {
    return true;
  }
  if (io.confirm === null) {
    throw new SkeinError(initErrors.needsYes, { facts: { files: changes.length } });
  }
  if (changes.length > 0) {
    // The changes themselves are longer than a screen.
    io.out(`To change: ${changes.map(({ path }) => relative(repository.root, path)).join(", ")}.`);
  }
  const using = asksForStore ? "Use that ledger, and change" : "Change";
  return io.confirm(`${using} ${counted(changes.length, "file")}?`);
}

interface SettingUp {
  readonly repository: Repository;
  readonly changes: readonly FileChange[];
  readonly launch: Launch;
  readonly io: InitIo;
}

async function setUp({ repository, changes, launch, io }: SettingUp): Promise<LiveCheck> {
  await io.openStore(repository);
  const record = applyChanges(changes, readRecord(repository.commonDir));
  const worktrees = [...new Set([...record.worktrees, repository.root])];
  writeRecord(repository.commonDir, { ...record, worktrees });
  return io.check({ command: commandOf(launch, ["mcp"]), cwd: repository.root, env: io.env });
}

function takeBack(repository: Repository, { changes, record, keptFor }: Removal): null {
  const { commonDir } = repository;
  if (keptFor.length === 0) {
    removeServerRecord(storeDirOf(repository));
  }
  for (const change of changes) {
    write(change);
  }
  removeFolders(record.folders, repository);
  writeRecord(commonDir, { ...record, folders: record.folders.filter((path) => existsSync(path)) });
  return null;
}

function report(outcome: Outcome, options: InitOptions, io: InitIo): void {
  if (options.json) {
    io.out(JSON.stringify(reportData(outcome, options)));
  } else {
    for (const line of reportLines(outcome, options)) {
      io.warn(line);
    }
  }
}

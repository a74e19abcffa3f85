import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { relative } from "node:path";
import { createGit, gitErrors, locateRepository } from "../../adapters/git/index.ts";
import { removeServerRecord } from "../../adapters/server/index.ts";
import type { StoreChoice } from "../../compose.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { databaseOf, storeDirOf } from "../../store-place.ts";
import { nearest } from "../../core/base/nearest.ts";
import { cleanLine } from "../../core/base/text.ts";
import { agentNames, isAgentName } from "./agents.ts";
import type { AgentName } from "./agents.ts";
import { applyChanges, removeFolders, write } from "./apply.ts";
import { noted } from "./choice.ts";
import { decideChanges } from "./decide-changes.ts";
import { initErrors } from "./errors.ts";
import { ofRemoval, together } from "./faults.ts";
import type { FileChange } from "./file-change.ts";
import { findHookPlace } from "./git-hooks.ts";
import { keptAside } from "./kept-hooks.ts";
import { commandOf, decideLaunch } from "./launch.ts";
import type { Launch } from "./launch.ts";
import type { LiveCheck, LiveCheckOptions } from "./live-check.ts";
import { detectAgents, pathsReadFromMain } from "./plan-changes.ts";
import { readRecord, writeRecord } from "./record.ts";
import type { InitRecord } from "./record.ts";
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
  try {
    return await run(repository, options, io);
  } catch (error) {
    if (!options.remove) {
      throw error;
    }
    const isKnown = error instanceof SkeinError;
    if (!options.dryRun && !(isKnown && error.kind === "usage")) {
      noteLeaving(repository);
    }
    throw isKnown ? ofRemoval(error) : error;
  }
}

async function run(repository: Repository, options: InitOptions, io: InitIo): Promise<number> {
  const launch = launchOf(repository, { ...options, remove: false });
  const git = createGit({ cwd: repository.root, env: io.env });
  const place = await findHookPlace(git, repository);
  const names = namesOf(options, repository, io);
  const record = readRecord(repository.commonDir);
  const world = { repository, launch, place, git, names, record };
  const { removal, changes, kept, exclusion, faults } = await decideChanges(options, world);
  const store = await storeBeside(faults, repository, io);
  showChanges({ repository, changes, store, options, io });
  const { root, isWorktree } = repository;
  const readFromMain = isWorktree ? pathsReadFromMain(root, launch, names) : [];
  const tried = kept.launch ?? launch;
  const surroundings = await findSurroundings(root, git);
  const isChosen = options.agents !== null;
  const aside = place.kind === "outside" ? [] : keptAside(place.folder, changes);
  const seen = {
    repository,
    names,
    changes,
    place,
    removal,
    readFromMain,
    surroundings,
    aside,
    exclusion,
  };
  const outcome = { ...seen, store, kept, launch: tried };
  if (options.dryRun || !(await agrees({ repository, changes, store }, options, io))) {
    report({ ...outcome, check: null }, options, io);
    return 0;
  }
  const check =
    removal === null
      ? await setUp({
          repository,
          changes,
          record: noted(record, { exclusion, names, isChosen, root }),
          launch: tried,
          io,
        })
      : takeBack(repository, removal);
  report({ ...outcome, check }, options, io);
  return check?.ok === false ? 1 : 0;
}

/** Whoever wanted to be rid of Skein is not told later to set it up; what cannot be noted is only not told. */
function noteLeaving({ root, commonDir }: Repository): void {
  try {
    const record = readRecord(commonDir);
    writeRecord(commonDir, { ...record, leaving: [...new Set([...record.leaving, root])] });
  } catch {
    // The error that ended the removal is the one to hear of.
  }
}

/** Where the store is. @throws {SkeinError} All of what is wrong, where something is. */
async function storeBeside(
  faults: readonly SkeinError[],
  repository: Repository,
  io: InitIo,
): Promise<StoreChoice> {
  const store = await io.describeStore(repository).catch((error: unknown) => {
    throw error instanceof SkeinError ? together([...faults, error]) : error;
  });
  if (faults.length > 0) {
    throw together(faults);
  }
  return store;
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
  /** What is remembered of earlier runs. */
  readonly record: InitRecord;
  readonly launch: Launch;
  readonly io: InitIo;
}

async function setUp(setting: SettingUp): Promise<LiveCheck> {
  const { repository, changes, launch, io } = setting;
  const { root, commonDir } = repository;
  await io.openStore(repository);
  const record = applyChanges(changes, setting.record);
  const worktrees = [...new Set([...record.worktrees, root])];
  const leaving = record.leaving.filter((other) => other !== root);
  writeRecord(commonDir, { ...record, worktrees, leaving });
  return io.check({ command: commandOf(launch, ["mcp"]), cwd: root, env: io.env });
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

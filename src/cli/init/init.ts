import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";
import { createGit, gitErrors, locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { nearest } from "../../core/base/nearest.ts";
import { agentNames, agents, isAgentName } from "./agents.ts";
import type { AgentName } from "./agents.ts";
import { applyChanges, checkInside, removeFolders, write } from "./apply.ts";
import { initErrors } from "./errors.ts";
import { isChange } from "./file-change.ts";
import type { FileChange } from "./file-change.ts";
import { findHookPlace, guardChanges, unguardChanges } from "./git-hooks.ts";
import type { HookPlace } from "./git-hooks.ts";
import { commandOf, decideLaunch } from "./launch.ts";
import type { Launch } from "./launch.ts";
import type { LiveCheck, LiveCheckOptions } from "./live-check.ts";
import { agentChanges, detectAgents, strippedChanges, undoChange } from "./plan-changes.ts";
import { emptyRecord, readRecord, writeRecord } from "./record.ts";
import { unifiedDiff } from "./unified-diff.ts";

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
  /** Starts the configured server and talks to it: `checkServer`. */
  check(options: LiveCheckOptions): Promise<LiveCheck>;
}

/** What `init` found, did and saw. */
interface Outcome {
  readonly repository: Repository;
  readonly names: readonly AgentName[];
  readonly changes: readonly FileChange[];
  readonly place: HookPlace;
  /** Null when nothing was started. */
  readonly check: LiveCheck | null;
}

/**
 * Sets Skein up in the repository around the working directory, or takes it out again, and tells the exit code.
 * @throws {SkeinError} SKN-109x, SKN-209x, SKN-8091 before anything is changed.
 */
export async function runInit(options: InitOptions, io: InitIo): Promise<number> {
  const repository = repositoryOf(io);
  const launch = launchOf(repository, { ...options, remove: false });
  const place = await findHookPlace(createGit({ cwd: repository.root, env: io.env }), repository);
  const names = namesOf(options, repository, io);
  const found = options.remove
    ? removals(repository, place, launch)
    : [...agentChanges(repository.root, names, launch), ...guardChanges(place, launch)];
  const changes = found.filter(isChange);
  for (const { path } of changes) {
    checkInside(path, repository);
  }
  showChanges({ repository, changes, options, io });
  if (options.dryRun || !(await agrees(changes, options, io))) {
    report({ repository, names, changes, place, check: null }, options, io);
    return 0;
  }
  const check = options.remove
    ? takeBack(repository, changes)
    : await setUp({ repository, changes, launch, io });
  report({ repository, names, changes, place, check }, options, io);
  return check?.ok === false ? 1 : 0;
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
  readonly options: InitOptions;
  readonly io: InitIo;
}

function showChanges({ repository, changes, options, io }: Showing): void {
  if (options.json) {
    return;
  }
  for (const { path, before, after } of changes) {
    io.out(unifiedDiff(relative(repository.root, path), before, after));
  }
}

async function agrees(
  changes: readonly FileChange[],
  options: InitOptions,
  io: InitIo,
): Promise<boolean> {
  if (options.yes || changes.length === 0) {
    return true;
  }
  if (io.confirm === null) {
    throw new SkeinError(initErrors.needsYes, { facts: { files: changes.length } });
  }
  return io.confirm(`Change ${String(changes.length)} files?`);
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
  writeRecord(repository.commonDir, record);
  return io.check({ command: commandOf(launch, ["mcp"]), cwd: repository.root, env: io.env });
}

/** What is recorded goes first; what is not, as in a clone of a configured repository, is told from the files. */
function removals(repository: Repository, place: HookPlace, launch: Launch): readonly FileChange[] {
  const { root, commonDir } = repository;
  const recorded = readRecord(commonDir).files.flatMap((file) => {
    const change = undoChange(root, file, launch);
    return change === null ? [] : [change];
  });
  const known = new Set(recorded.map(({ path }) => path));
  const others = [...strippedChanges(root, launch), ...unguardChanges(place)];
  return [...recorded, ...others.filter(({ path }) => !known.has(path))];
}

function takeBack(repository: Repository, changes: readonly FileChange[]): null {
  const { commonDir } = repository;
  for (const change of changes) {
    write(change);
  }
  removeFolders(readRecord(commonDir).folders, repository);
  writeRecord(commonDir, emptyRecord);
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

function reportData({ repository, names, changes, place, check }: Outcome, options: InitOptions) {
  return {
    schema_version: 1,
    root: repository.root,
    store: join(repository.commonDir, "skein", "skein.db"),
    agents: names,
    removed: options.remove,
    dry_run: options.dryRun,
    changes: changes.map(({ path, before, after }) => ({
      path: relative(repository.root, path),
      action: before === null ? "create" : after === null ? "delete" : "change",
    })),
    git_hooks: place.kind === "outside" ? "skipped" : place.kind,
    check,
  };
}

function reportLines(outcome: Outcome, { remove, dryRun }: InitOptions): readonly string[] {
  const { names, changes, place, check } = outcome;
  if (dryRun) {
    return [`${String(changes.length)} files would change. Nothing was written.`];
  }
  if (remove) {
    return [
      `Skein is out of ${String(changes.length)} files. The ledger stays in the git directory.`,
    ];
  }
  return [
    changes.length === 0 ? "No change: everything is in place." : "Done.",
    ...(place.kind === "outside"
      ? [
          `Git runs its hooks from ${place.folder}, outside this repository: call \`skein guard\` there yourself.`,
        ]
      : []),
    ...checkLines(check),
    ...(changes.length === 0 ? [] : names.flatMap((name) => agents[name].afterwards ?? [])),
  ];
}

function checkLines(check: LiveCheck | null): readonly string[] {
  if (check === null) {
    return [];
  }
  return check.ok
    ? [
        `The server answers in ${String(check.ms)} ms with ${String(check.tools.length)} tools: ${check.tools.join(", ")}.`,
      ]
    : [`The server does not answer: ${check.detail}. Run \`skein doctor\` to see why.`];
}

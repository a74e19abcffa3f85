import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { createGit, readCommitted } from "../../adapters/git/index.ts";
import type { Git, Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { findServer } from "../../compose-server.ts";
import type { ServerPlace } from "../../compose-server.ts";
import type { Skein } from "../../core/index.ts";
import { loadSettings, settingsFiles } from "../../settings.ts";
import { storeDirOf } from "../../store-place.ts";
import type { Settings } from "../../settings.ts";
import { findPublisher } from "../../adapters/process/publisher.ts";
import { guardErrors } from "./errors.ts";
import type { Actor, Guarded, Objection } from "./guarded.ts";
import { hookPlaceOf } from "./hook-place.ts";
import { identityOfEnvironment } from "./identity.ts";
import { openLedgerPlace } from "./ledger-place.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import { checkCommit } from "./pre-commit.ts";
import { checkPush, readPushedRefs } from "./pre-push.ts";
import type { Push } from "./pre-push.ts";
import { plainLine } from "../visible.ts";
import { addSession, addTrailers } from "./trailers.ts";

/** What git and the machine give to the guard. */
export interface GuardIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when standard error is a terminal. */
  readonly isTerminal: boolean;
  /** All of standard input. */
  readInput(): string;
  /** Writes a line to standard error. */
  warn(line: string): void;
  /** True when somebody set Skein up in this repository. */
  hasStore(repository: Repository, env: GuardIo["env"]): boolean;
  open(): Promise<OpenedProject>;
}

/** An open project, as the guard uses it. */
export interface OpenedProject {
  readonly skein: Skein;
  readonly settings: Settings;
  readonly repository: Repository;
  readonly storeDir: string;
}

/**
 * Runs `skein guard HOOK ...` for git and tells the exit code: 1 stops the commit or the push of an agent. A person is warned, and what
 * they overrode is noted in the log. When the ledger cannot be asked, agents are stopped and people are not.
 */
export async function runGuard(args: readonly string[], io: GuardIo): Promise<number> {
  const [hook = "", ...rest] = args;
  if (!["pre-commit", "commit-msg", "pre-push"].includes(hook)) {
    throw new SkeinError(guardErrors.usage, { facts: { hook } });
  }
  const place = hookPlaceOf(io.cwd, io.env);
  // A repository that calls itself bare is none the less one of agents: its worktrees lie beside it, and one word of its configuration says so of any.
  if (place === null) {
    return 0;
  }
  const { repository } = place;
  try {
    const server = findServer({ storeDir: storeDirOf(repository), env: io.env });
    if (server === null && !io.hasStore(repository, io.env)) {
      sayUncoordinated(repository, io);
      return 0;
    }
    if (!place.isWorktree) {
      throw new SkeinError(guardErrors.strayWorktree, { facts: { folder: io.cwd } });
    }
    return await guard({ hook, rest, repository, io, server });
  } catch (error) {
    return failedCheck(error, hook, io);
  }
}

interface Call {
  readonly hook: string;
  readonly rest: readonly string[];
  readonly repository: Repository;
  readonly io: GuardIo;
  /** The server that has the ledger; null: it is opened here. */
  readonly server: ServerPlace | null;
}

async function guard({ hook, rest, repository, io, server }: Call): Promise<number> {
  const { env, isTerminal } = io;
  const open = async (): Promise<OpenedProject> => io.open();
  const place = await openLedgerPlace({ repository, env, isTerminal, server, open });
  const { ledger, settings } = place;
  try {
    const session = await ledger.who();
    const actor: Actor =
      session === null ? { kind: "person", name: userInfo().username } : { kind: "agent", session };
    const git = createGit({ cwd: repository.root, env });
    const guarded: Guarded = {
      ledger,
      repository,
      settings: await trustedSettings(settings, git, io),
      actor,
      git,
      indexFile: indexOf(repository, io),
    };
    if (hook === "commit-msg") {
      await markMessage(guarded, resolve(io.cwd, rest[0] ?? ""), place.storeDir);
      return 0;
    }
    return hook === "pre-commit"
      ? await answer(guarded, await checkCommit(guarded), io)
      : await guardPush(guarded, place, { rest, io });
  } finally {
    await place.close();
  }
}

async function guardPush(
  guarded: Guarded,
  { project }: LedgerPlace,
  { rest, io }: Pick<Call, "rest" | "io">,
): Promise<number> {
  const push = { remote: rest[0] ?? "origin", refs: readPushedRefs(io.readInput()) };
  const exitCode = await answer(guarded, await checkPush(guarded, push), io);
  if (exitCode === 0 && project !== null && publishesWith(guarded.settings, push)) {
    const { publishOnPush } = await import("../github/on-push.ts");
    await publishOnPush(project, {
      env: io.env,
      remote: push.remote,
      warn: (line) => {
        io.warn(line);
      },
    });
  }
  return exitCode;
}

/** Only with work that goes where the ledger is read; a push of the ledger alone brings none. */
function publishesWith({ github }: Settings, { remote, refs }: Push): boolean {
  const hasWork = refs.some(
    ({ localCommit, remoteRef }) => localCommit !== null && !remoteRef.startsWith("refs/skein/"),
  );
  return github.publishOnPush && remote === github.remote && hasWork;
}

/** What the default branch says counts, and what the worktree protects beyond it: an agent could have freed itself there. */
async function trustedSettings(settings: Settings, git: Git, { env }: GuardIo): Promise<Settings> {
  const found = await readCommitted(git, settingsFiles);
  const request = { root: git.cwd, env, text: found?.text ?? null, textFile: found?.file };
  const committed = (await loadSettings(request)).settings;
  const guards = [...committed.branches.protected, ...settings.branches.protected];
  return { ...committed, branches: { ...committed.branches, protected: [...new Set(guards)] } };
}

function indexOf({ root }: Repository, { env }: GuardIo): string | null {
  const file = env["GIT_INDEX_FILE"] ?? "";
  return file === "" ? null : resolve(root, file);
}

function titleOf(code: string): string {
  return Object.values(guardErrors).find((each) => each.code === code)?.title ?? "";
}

async function answer(
  { actor, ledger }: Guarded,
  objection: Objection | null,
  io: GuardIo,
): Promise<number> {
  if (objection === null) {
    return 0;
  }
  const { code, what, next } = objection;
  io.warn(`skein: ${code} ${titleOf(code)}`.trimEnd());
  io.warn(`  ${what}`);
  if (actor.kind === "agent") {
    io.warn(`  Next: ${next}`);
    return 1;
  }
  io.warn("  You are a person, so this goes through; it is noted in the log.");
  await ledger.override(actor.name, { code, what });
  return 0;
}

/**
 * Writes which claims a commit belongs to into its message; without a claim, and in a clone that publishes its ledger, which session made it:
 * the check of the pull request then knows that the session's leases are no foreign ones.
 */
async function markMessage(
  { actor, ledger, git }: Guarded,
  path: string,
  storeDir: string,
): Promise<void> {
  if (actor.kind === "person" || !existsSync(path)) {
    return;
  }
  const { id: session } = actor.session;
  const marks = await ledger.claims();
  const publisher = marks.length > 0 ? null : findPublisher(storeDir);
  const text = readFileSync(path, "utf8");
  const marked =
    publisher === null
      ? await addTrailers(git, { path, text }, marks)
      : await addSession(git, text, `${publisher}/${session}`);
  if (marked !== text) {
    writeFileSync(path, marked);
  }
}

/** Said once in a clone: the agents of other clones are not seen here, nor these there. */
function sayUncoordinated({ commonDir }: Repository, io: GuardIo): void {
  const mark = join(commonDir, "skein-uncoordinated");
  if (existsSync(mark)) {
    return;
  }
  io.warn("skein: this clone is uncoordinated; `skein init` changes that. This is said once.");
  try {
    writeFileSync(mark, "");
  } catch {
    // Then it is said again.
  }
}

function failedCheck(error: unknown, hook: string, io: GuardIo): number {
  const isAgent = identityOfEnvironment(io.env) !== null;
  // A person's message gets no marks, so that nothing is missing there, and what is to be said was said before the commit.
  if (hook === "commit-msg" && !isAgent) {
    return 0;
  }
  const { code, fix } = guardErrors.cannotCheck;
  const detail = error instanceof SkeinError ? `${error.code} ${error.message}` : String(error);
  io.warn(`skein: ${code} The guard could not check this: ${plainLine(detail)}`);
  io.warn(
    `  ${isAgent ? `Next: ${error instanceof SkeinError ? error.fix : fix}` : "It goes through."}`,
  );
  return isAgent ? 1 : 0;
}

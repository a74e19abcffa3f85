import { userInfo } from "node:os";
import { hasStore, needRepository, openProject, usesDatabase } from "../compose.ts";
import type { OpenProject, RepositoryProject } from "../compose.ts";
import type { GivenSettings } from "../compose-models.ts";
import { SkeinError } from "../core/base/errors.ts";
import { sessionActor } from "../core/base/ids.ts";
import type { Actor } from "../core/base/ids.ts";
import { findSession, nobody } from "../core/dispatch/index.ts";
import type { Caller } from "../core/dispatch/index.ts";
import type { Session } from "../core/sessions/index.ts";
import type { Call } from "./command.ts";
import type { CliIo } from "./io.ts";
import { cliErrors } from "./errors.ts";
import { identityOfEnvironment } from "./guard/identity.ts";
import { needOwnMachine } from "./within.ts";
import type { StoredProject } from "./within.ts";

export type { StoredProject } from "./within.ts";

/** Opens the project around the working directory for one piece of work, and closes it whatever happens. */
export async function withProject<T>(
  call: Call,
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  const { cwd, env, within } = call.io;
  needOwnMachine(within, "This");
  if (!hasStore(needRepository(cwd), env)) {
    throw new SkeinError(cliErrors.notCoordinated, { facts: { folder: cwd } });
  }
  return openingProject(call, "refuse", work);
}

/** As `withProject`, for what needs nothing but the store; inside a server the project is the one that is open there. */
export async function withStore<T>(
  call: Call,
  work: (project: StoredProject) => Promise<T>,
): Promise<T> {
  const { within } = call.io;
  return within === undefined ? withProject(call, work) : work(within.project);
}

/** As `withStore`, and makes the store where there is none. */
export async function makingStore<T>(
  call: Call,
  work: (project: StoredProject) => Promise<T>,
): Promise<T> {
  const { within } = call.io;
  return within === undefined ? makingProject(call, work) : work(within.project);
}

/**
 * As `withProject`, and makes the store where there is none: a file always, a project in a database only with `--create`, since a misspelt name
 * would be one. @throws {SkeinError} SKN-5112.
 */
export async function makingProject<T>(
  call: Call,
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  const { cwd, env } = call.io;
  const isFile = !usesDatabase(needRepository(cwd), env);
  return openingProject(call, isFile || call.options.flag("create") ? "add" : "refuse", work);
}

/** A project whose models are to be asked. */
export interface ModelProject {
  readonly project: RepositoryProject;
  /** The settings that name the models; undefined: as committed on the local default branch. */
  readonly given: GivenSettings | undefined;
}

/** As `makingProject`; inside a server the project is the one that is open there, with the server's models. */
export async function askingModels<T>(
  call: Call,
  work: (asked: ModelProject) => Promise<T>,
): Promise<T> {
  const { within } = call.io;
  if (within === undefined) {
    return makingProject(call, async (project) => work({ project, given: undefined }));
  }
  const { repository, given, storeDir } = within.models;
  return work({ project: { ...within.project, repository, storeDir }, given });
}

async function openingProject<T>(
  { io, options }: Call,
  unknownProject: "add" | "refuse",
  work: (project: OpenProject) => Promise<T>,
): Promise<T> {
  const method = options.text("method");
  const project = await openProject({
    cwd: io.cwd,
    env: io.env,
    flags: method === null ? {} : { "integration.method": method },
    unknownProject,
    onLongLine: (sentence) => {
      io.warn(sentence);
    },
  });
  try {
    return await work(project);
  } finally {
    await project.skein.close();
  }
}

/** Who runs the command: the agent that the environment names, else the person at this machine. */
export interface Who {
  readonly actor: Actor;
  /** Null for a person. */
  readonly session: Session | null;
  /** The person's name; null for an agent. */
  readonly person: string | null;
}

/**
 * Tells who runs the command. An agent that its host names and that has not joined is an agent all the same: it joins, and never speaks for a
 * person. @throws {SkeinError} SKN-33xx when the environment names a session that is not living.
 */
export async function whoCalls({ io }: Call, project: StoredProject): Promise<Who> {
  const caller = callerOf(io);
  if (caller === null) {
    const person = io.within?.principal.name ?? personName();
    return { actor: `person:${person}`, session: null, person };
  }
  const session = await sessionOf(caller, project);
  return { actor: sessionActor(session.id), session, person: null };
}

async function sessionOf(caller: Caller, project: StoredProject): Promise<Session> {
  const { skein, repository } = project;
  const found = await skein.store.read((reader) => findSession(skein.sessions, reader, caller));
  if (found !== null) {
    return found;
  }
  const { gitDir = null, branch = null } = repository ?? {};
  const { session } = await skein.dispatch.identify({ ...caller, gitDir, branch });
  return session;
}

/** The caller that the environment names, or null where it names no agent. */
export function callerOf({ env, within }: Pick<CliIo, "env" | "within">): Caller | null {
  const named = identityOfEnvironment(env);
  return named === null ? null : { ...nobody, ...named, ...provenBy(within) };
}

/** The person at this machine as one who holds paths: a session of their own, as any holder is. */
export function personCaller(
  { repository }: Pick<StoredProject, "repository">,
  { within }: Pick<CliIo, "within">,
): Caller {
  const name = within?.principal.name ?? personName();
  return {
    ...nobody,
    externalId: `person:${name}`,
    client: "skein",
    name,
    role: "person",
    gitDir: repository?.gitDir ?? null,
    branch: repository?.branch ?? null,
    ...provenBy(within),
  };
}

/** Who proved to be somebody to the server in which a command runs. */
function provenBy(within: CliIo["within"]): Pick<Caller, "principal" | "ensureAdmitted"> {
  return { principal: within?.principal ?? null, ensureAdmitted: within?.ensureAdmitted };
}

/** The name of the person at this machine. */
export function personName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

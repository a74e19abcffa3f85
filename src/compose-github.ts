import { createHmac } from "node:crypto";

import { createGit, locateRepository } from "./adapters/git/index.ts";
import type {
  AppHook,
  CodeHostOptions,
  DeliveryAttempt,
  Protection,
  RepositoryHook,
} from "./adapters/github/index.ts";
import { wallClock } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import type { GivenSettings } from "./compose-models.ts";
import { baseCommit, openPlanner } from "./compose-planner.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { SkeinError } from "./core/base/errors.ts";
import { isLooseObject } from "./core/base/loose-object.ts";
import type { Actor, MicroUsd } from "./core/base/ids.ts";
import type { CallPurpose } from "./core/costs/index.ts";
import { createDecomposition, createWork } from "./core/decomposition/index.ts";
import type { Decomposition } from "./core/decomposition/index.ts";
import {
  apiAddressOf,
  hostingErrors,
  parseRemote,
  parseRepositoryName,
} from "./core/hosting/index.ts";
import type { CodeHost, Remote, Sign } from "./core/hosting/index.ts";
import type { Planner } from "./core/planner/index.ts";

export interface OpenCodeHostOptions {
  readonly cwd: string;
  readonly env: OpenOptions["env"];
  /** As `owner/name`. Default: what the remote `origin` names. */
  readonly repository?: string | undefined;
  /** As `0.2.0`. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told of every wait for a rate limit, before it, in a sentence. Default: nobody. */
  readonly onWait?: ((sentence: string) => void) | undefined;
}

/**
 * Opens the repository on its code host with a token of the environment. Nothing is asked before it is needed.
 *
 * @throws {SkeinError} SKN-1651, SKN-1653, SKN-1654, SKN-2651.
 */
export async function openCodeHost(options: OpenCodeHostOptions): Promise<CodeHost> {
  const remote = await remoteOf(options);
  const access = accessTo(remote, options.env);
  if (access === null) {
    throw new SkeinError(hostingErrors.noToken, { facts: { host: remote.host } });
  }
  const { createCodeHost } = await loadClient();
  return createCodeHost(hostOptions(options, remote, access));
}

/** What a token may do to the repository that `origin` names, and what protects it there. */
export interface HostProtection extends Protection {
  /** As `owner/name`. */
  readonly name: string;
  /** Webhooks of the repository that lead to the path that was asked for; null where the token may not see them. */
  readonly hooks: readonly RepositoryHook[] | null;
}

/**
 * Looks how the repository is protected on its code host. Null where `origin` names none, or the environment has no token for it: then nothing
 * is asked. @throws {SkeinError} SKN-1654, SKN-x65x.
 */
export async function readHostProtection(
  options: Omit<OpenCodeHostOptions, "repository"> & { readonly hookPath: string },
): Promise<HostProtection | null> {
  const remote = await originOf(options.cwd, options.env);
  const access = remote === null ? null : accessTo(remote, options.env);
  if (remote === null || access === null) {
    return null;
  }
  const { readHooks, readProtection } = await loadClient();
  const given = hostOptions(options, remote, access);
  const quick = { ...given, limits: { retries: 0, maxWaits: 0 } };
  const protection = await readProtection(quick);
  // Nobody else is shown them.
  const maySee = protection.rights?.mayAdminister === true;
  const hooks = maySee ? await readHooks(quick, options.hookPath) : null;
  return { name: remote.name, ...protection, hooks };
}

/** An App's own webhook, and how it does. */
export interface AppWebhook {
  /** The repository, as `owner/name`. */
  readonly name: string;
  /** As `skein-review`. */
  readonly slug: string;
  /** What the App is told of. */
  readonly events: readonly string[];
  readonly hook: AppHook;
  /** Null: nothing was delivered of late. */
  readonly last: DeliveryAttempt | null;
  readonly isInstalled: boolean;
}

/** Who an App is. */
export interface AppCredentials {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
}

/**
 * Looks at the webhook of an App, and whether the repository that `origin` names has it. Null where it names none, or a host of which the
 * environment says nothing: what proves to be the App goes to no host that a checkout merely names. @throws {SkeinError} SKN-1654, SKN-x65x.
 */
export async function readAppWebhook(
  options: Omit<OpenCodeHostOptions, "repository"> & { readonly app: AppCredentials },
): Promise<AppWebhook | null> {
  const { cwd, env, app: credentials } = options;
  const remote = await originOf(cwd, env);
  if (remote === null || !(isPublic(remote.host) || isNamed(remote.host, env))) {
    return null;
  }
  const { createApp } = await loadClient();
  const given = hostOptions(options, remote, { baseUrl: apiOf(remote, env) });
  const limits = { retries: 0, maxWaits: 0 };
  const app = createApp({ ...given, ...credentials, limits });
  const { slug, events } = await app.self();
  return {
    name: remote.name,
    slug,
    events,
    hook: await app.hook(),
    last: await app.newestDelivery(),
    isInstalled: await app.isInstalledIn(remote.name),
  };
}

/** Where the API of a host is, and with what it is asked. */
interface Access {
  readonly baseUrl: string;
  readonly token: string;
}

/** Null where the environment has no token for the host. @throws {SkeinError} SKN-1654. */
function accessTo({ host }: Remote, env: OpenOptions["env"]): Access | null {
  const baseUrl = apiOf({ host }, env);
  const token = tokenFor(host, env);
  return token === null ? null : { baseUrl, token };
}

/** @throws {SkeinError} SKN-1654. */
function apiOf({ host }: Pick<Remote, "host">, env: OpenOptions["env"]): string {
  const given = env["GITHUB_API_URL"] ?? "";
  return given === "" ? apiAddressOf(host) : safeAddress(given);
}

function hostOptions<A extends Pick<Access, "baseUrl">>(
  { version, signal, onWait }: OpenCodeHostOptions,
  { name }: Remote,
  access: A,
): A & Omit<CodeHostOptions, keyof Access> {
  return {
    name,
    ...access,
    userAgent: `skein/${version}`,
    timer: systemTimer,
    clock: wallClock,
    signal,
    onWait: ({ waitMs, isWaited }) => {
      const seconds = String(Math.ceil(waitMs / 1_000));
      onWait?.(
        `The code host asks to wait ${seconds} s${isWaited ? "" : ", which is too long: try again later"}.`,
      );
    },
  };
}

/** The client stands on packages that are an optional part. */
async function loadClient() {
  try {
    return await import("./adapters/github/index.ts");
  } catch (cause) {
    const code = isLooseObject(cause) ? cause["code"] : null;
    if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") {
      throw new SkeinError(hostingErrors.noClient, { cause });
    }
    throw cause;
  }
}

/** What is asked for, else what the checkout's `origin` names. */
async function remoteOf({ cwd, env, repository }: OpenCodeHostOptions): Promise<Remote> {
  const origin = await originOf(cwd, env);
  if (repository !== undefined) {
    const host = env["GH_HOST"] ?? origin?.host ?? "github.com";
    return { host: host.toLowerCase(), name: parseRepositoryName(repository) };
  }
  if (origin === null) {
    throw new SkeinError(hostingErrors.noRemote);
  }
  return origin;
}

async function originOf(cwd: string, env: OpenOptions["env"]): Promise<Remote | null> {
  const found = locateRepository(cwd);
  if (found === null) {
    return null;
  }
  const git = createGit({ cwd: found.root, env });
  const address = await git.text(["config", "--get", "remote.origin.url"], { okCodes: [0, 1] });
  return parseRemote(address);
}

/** @throws {SkeinError} SKN-1654 */
function safeAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null || !mayHaveToken(url)) {
    throw new SkeinError(hostingErrors.badAddress);
  }
  return text.replace(/\/+$/u, "");
}

/** `https`, or a server of this machine. */
function mayHaveToken({ protocol, hostname, username, password, search }: URL): boolean {
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u.test(hostname);
  const isPlain = username === "" && password === "" && search === "";
  return isPlain && (protocol === "https:" || (protocol === "http:" && isLocal));
}

/**
 * The token for a host, by the names that GitHub's own program reads: a token of github.com is never sent to a host that a checkout merely
 * names, only to one that the environment names too.
 */
function tokenFor(host: string, env: OpenOptions["env"]): string | null {
  const own = ["GH_TOKEN", "GITHUB_TOKEN"];
  const enterprise = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
  const usable = isPublic(host) ? own : isNamed(host, env) ? [...enterprise, ...own] : enterprise;
  return usable.map((variable) => env[variable] ?? "").find((token) => token !== "") ?? null;
}

function isPublic(host: string): boolean {
  return /(?:^|\.)(?:github\.com|ghe\.com)$/u.test(host);
}

function isNamed(host: string, env: OpenOptions["env"]): boolean {
  return (env["GITHUB_API_URL"] ?? "") !== "" || env["GH_HOST"]?.toLowerCase() === host;
}

export interface OpenDecompositionOptions {
  readonly host: CodeHost;
  readonly env: OpenOptions["env"];
  readonly actor: Actor;
  /** Signs what is kept in comments; null: our account's word is enough. */
  readonly stateKey: string | null;
  /** True where the project's database outlives this run: then the plan is there, too, and agents get its tasks. */
  readonly isDurable: boolean;
  /** The issue whose budget the planner's calls count in. Default: none. */
  readonly issue?: CallPurpose["issue"] | undefined;
  /** The settings that count. Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
  /** The commit that work starts from. Default: the local default branch's. */
  readonly base?: string | undefined;
  /** What one issue may cost. Default: what the project's settings say. */
  readonly issueLimit?: MicroUsd | null | undefined;
  readonly onWarning?: ((sentence: string) => void) | undefined;
}

/** Splitting issues, and what makes the drafts. */
export interface OpenDecomposition {
  readonly decomposition: Decomposition;
  readonly planner: Planner;
}

/** Puts the splitting of issues together over a project and its code host. */
export function openDecomposition(
  project: OpenProject,
  options: OpenDecompositionOptions,
): OpenDecomposition {
  const { host, actor, stateKey, isDurable } = options;
  const planner = openPlanner(project, options);
  const decomposition = createDecomposition({
    host,
    sign: stateKey === null ? null : signWith(stateKey),
    findDraft: isDurable ? async (hash) => planner.find(hash) : null,
    readBase: async () => baseCommit(project, options),
    issueLimit: options.issueLimit ?? project.settings.budgets.issueMicroUsd,
    work: isDurable ? createWork({ ...project.skein, actor }) : null,
  });
  return { decomposition, planner };
}

/** HMAC with SHA-256, in base64url. */
export function signWith(key: string): Sign {
  return (text) => createHmac("sha256", key).update(text).digest("base64url");
}

import { createHmac } from "node:crypto";

import { createCodeHost } from "../adapters/github/index.ts";
import { wallClock } from "../adapters/process/clock.ts";
import { systemTimer } from "../adapters/process/timer.ts";
import { openProject } from "../compose.ts";
import type { OpenProject } from "../compose.ts";
import { openEphemeralProject } from "../compose-action-store.ts";
import { SkeinError } from "../core/base/errors.ts";
import { parseRepositoryName } from "../core/hosting/index.ts";
import type { CodeHost, Sign } from "../core/hosting/index.ts";
import { loadSettings, settingsFiles } from "../settings.ts";
import type { Settings } from "../settings.ts";
import type { BotContext, BotEnv } from "./context.ts";
import { defaultModels } from "./default-models.ts";
import { createDryHost } from "./dry-host.ts";
import { botErrors } from "./errors.ts";

/** What handlers work with: the repository on GitHub, and what its default branch says. */
export interface Workplace {
  readonly host: CodeHost;
  /** As committed on the default branch; nothing that a pull request brings counts. */
  readonly settings: Settings;
  /** The text of them, with the models that the given keys are enough for where it names none. */
  readonly settingsText: string | null;
  /** Signs states in comments; null where no key was given. */
  readonly sign: Sign | null;
}

/** Opens the repository of an event. @throws {SkeinError} SKN-2942 without a token, SKN-20xx for wrong settings, and as `CodeHost`. */
export async function openWorkplace(context: BotContext): Promise<Workplace> {
  const host = openHost(context);
  const { text, file: textFile } = await readSettings(context, host);
  const settings = await parse(context, text, textFile);
  const models = settings.models.size === 0 ? defaultModels(keysOf(context)) : "";
  if (models === "") {
    return { host, settings, settingsText: text, sign: signOf(context) };
  }
  const settingsText = `${text ?? ""}\n${models}`;
  const filled = await parse(context, settingsText, textFile);
  return { host, settings: filled, settingsText, sign: signOf(context) };
}

/** To the App these are a stranger's words: they see no variable of its process, neither as a value nor as the address of a bus. */
async function parse(
  { env, bounds }: BotContext,
  text: string | null,
  textFile: string | undefined,
): Promise<Settings> {
  const variables = bounds === null ? env : {};
  const { settings } = await loadSettings({ root: "/", env, variables, text, textFile });
  return bounds === null ? settings : { ...settings, bus: { kind: null, url: null } };
}

/** The variables that may be keys. */
function keysOf({ env, bounds }: BotContext): BotEnv {
  const isKey = ([name]: readonly [string, unknown]): boolean => bounds?.keys.has(name) ?? true;
  return Object.fromEntries(Object.entries(env).filter(isKey));
}

/** False in a job that holds no key to any of the models: what it would begin it could not end. */
export function canAsk({ env }: BotContext, { settings }: Workplace): boolean {
  return [...settings.models.values()].some(({ provider }) => {
    const reference = settings.providers.get(provider)?.apiKey ?? null;
    const variable = reference === null ? null : /^env:(.+)$/u.exec(reference)?.[1];
    return reference === null || variable === undefined || (env[variable ?? ""] ?? "") !== "";
  });
}

export function openHost({ event, github, wishes, signal, log }: BotContext): CodeHost {
  if (github.token === null) {
    throw new SkeinError(botErrors.noToken);
  }
  const host = createCodeHost({
    name: parseRepositoryName(event.repository.fullName),
    baseUrl: github.apiUrl,
    token: github.token,
    userAgent: "skein",
    timer: systemTimer,
    clock: wallClock,
    signal,
    onWait: ({ reason, waitMs, route }) => {
      log.info(
        `GitHub asks to wait ${String(Math.ceil(waitMs / 1_000))} s (${reason}) for ${route}.`,
      );
    },
  });
  return wishes.isDryRun ? createDryHost(host, log) : host;
}

interface ReadSettings {
  readonly text: string | null;
  /** Undefined where there is none. */
  readonly file: string | undefined;
}

/** Of the default branch, by the host's word: a checkout may be anybody's. */
async function readSettings({ event, wishes }: BotContext, host: CodeHost): Promise<ReadSettings> {
  const branch = event.repository.defaultBranch ?? (await host.repository()).defaultBranch;
  const revision = `refs/heads/${branch}`;
  const paths = wishes.config === null ? settingsFiles : [wishes.config];
  const found = await host.files.readFirst(paths, revision);
  if (found === null && wishes.config !== null) {
    throw new SkeinError(botErrors.noSettings);
  }
  return { text: found?.text ?? null, file: found?.path };
}

function signOf({ env }: BotContext): Sign | null {
  const key = env["SKEIN_STATE_KEY"] ?? "";
  return key === "" ? null : (text) => createHmac("sha256", key).update(text).digest("base64url");
}

/**
 * Opens the ledger and the checkout that models, plans and reviews are opened over: in memory in an Action, in its database where it has one, in
 * the App's clone else. Whoever opens it closes its Skein.
 *
 * @throws {SkeinError} SKN-5942 without a checkout; SKN-71xx where a database stopped answering.
 */
export async function openLedger(
  { cwd, env, isDurable, database, log }: BotContext,
  { settings }: Workplace,
): Promise<OpenProject> {
  if (cwd === null) {
    throw new SkeinError(botErrors.noCheckout);
  }
  if (!isDurable) {
    return openEphemeralProject({ cwd, env, settings });
  }
  // Which database and which project of it, is for whoever runs this to say: a repository's settings could name another's, and are for its clones.
  const store = { ...settings.store, url: null, project: null };
  // A database that whoever runs the App names has a project for each repository that it is installed in.
  const given = { cwd, env, unknownProject: "add", onLongLine: log.warn } as const;
  if (database !== "open") {
    return openProject({ ...given, settings: { ...settings, store } });
  }
  // Nothing in this process waits for a ring, and what wakes others is at the database itself.
  const bus = { ...settings.bus, kind: "postgres", url: null } as const;
  return openProject({ ...given, settings: { ...settings, store, bus } });
}

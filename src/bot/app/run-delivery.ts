import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createCodeHost } from "../../adapters/github/index.ts";
import type { App } from "../../adapters/github/index.ts";
import { wallClock } from "../../adapters/process/clock.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { parseLooseObject } from "../../core/base/loose-object.ts";
import type { ClaimedDelivery } from "../../core/hosting/index.ts";
import { isRepositoryName, parseRepositoryName } from "../../core/hosting/index.ts";
import { parseCommand } from "../commands/command.ts";
import type { BotContext, BotEnv, BotLog, BotWishes } from "../context.ts";
import { chooseHandlers, dispatch, mergeOutcomes, sayNothing } from "../dispatch.ts";
import type { HandlerName, HandlerTable } from "../dispatch.ts";
import type { BotEvent } from "../event.ts";
import { parsePayload } from "../payload.ts";
import { openClone } from "./clones.ts";
import type { Clone } from "./clones.ts";
import type { ProviderBounds } from "../../provider-bounds.ts";
import { permissionsOf } from "./manifest.ts";
import type { ProbotEvent, Receive } from "./probot.ts";
import { unlessUnusable } from "../unusable-settings.ts";

/** An App asks for nothing beyond what `skein.yml` of the default branch says. */
const appWishes: BotWishes = {
  mode: "auto",
  stage: "all",
  config: null,
  preset: null,
  budgetMicroUsd: null,
  maxComments: null,
  severityFloor: null,
  include: [],
  exclude: [],
  isSticky: true,
  isDryRun: false,
  serverUrl: null,
  anthropic: { apiKey: null, baseUrl: null },
  openai: { apiKey: null, baseUrl: null },
};

export interface RunOptions {
  readonly app: Pick<App, "tokenFor" | "self">;
  readonly handlers: HandlerTable;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** Where runs may put files; each has a folder while it lasts. */
  readonly outputDir: string;
  /** Where clones of repositories stay, each with its ledger. */
  readonly cloneDir: string;
  /** Without the App's own secrets. */
  readonly env: BotEnv;
  /** What settings of repositories may use of it. */
  readonly bounds: ProviderBounds;
  readonly log: BotLog;
}

/** Works on a delivery; the answer is one line for the log. */
export type Run = (delivery: ClaimedDelivery, signal: AbortSignal) => Promise<string>;

/** One delivery in Probot's hands, and what came of it. */
interface Running {
  readonly signal: AbortSignal;
  note: string;
}

export interface Runs {
  /** For Probot to call. */
  readonly onEvent: (event: ProbotEvent) => Promise<void>;
  /** Hands a delivery to Probot, which hands it to all who listen: Skein first. */
  readonly through: (receive: Receive) => Run;
}

export function createRuns(options: RunOptions): Runs {
  const running = new Map<string, Running>();
  return {
    onEvent: async ({ id, name, payload }) => {
      const run = running.get(id);
      if (run !== undefined) {
        run.note = await handleEvent(options, { id, name, payload }, run.signal);
      }
    },
    through: (receive) => async (delivery, signal) => {
      const { guid: id, event: name, payload } = delivery;
      const run: Running = { signal, note: "" };
      running.set(id, run);
      try {
        await receive({ id, name, payload: parseLooseObject(payload) });
        return run.note;
      } finally {
        running.delete(id);
      }
    },
  };
}

async function handleEvent(
  options: RunOptions,
  { id, name, payload }: ProbotEvent,
  signal: AbortSignal,
): Promise<string> {
  const event = parsePayload(name, payload, null);
  const names = chooseHandlers(event, appWishes);
  const nothing = sayNothing(event, "auto");
  if (names.length === 0 || (await isOfNoConcern(options, event))) {
    return nothing;
  }
  signal.throwIfAborted();
  const outputDir = join(options.outputDir, id.replaceAll(/[^\w-]/gu, "-"));
  await mkdir(outputDir, { recursive: true, mode: 0o700 });
  try {
    const outcome = await withToken(options, { event, names }, async (token) => {
      const clone = await cloneFor(event, token, options);
      const context = contextOf({ event, token, outputDir, signal, ...clone }, options);
      return unlessUnusable(context, names, async () =>
        mergeOutcomes(await dispatch(context, options.handlers), nothing),
      );
    });
    return `${outcome.conclusion}: ${outcome.title}`;
  } finally {
    // Reports are for a job's uploads, which an App has not.
    await rm(outputDir, { recursive: true, force: true });
  }
}

/** What Skein did itself is nothing new to it, and most comments are for people: neither costs a token. */
async function isOfNoConcern({ app }: RunOptions, event: BotEvent): Promise<boolean> {
  const { sender } = event;
  if (sender?.type === "Bot" && sender.login === `${(await app.self()).slug}[bot]`) {
    return true;
  }
  const isComment = event.kind === "issue-comment" || event.kind === "review-comment";
  return isComment && parseCommand(event.comment.body) === null;
}

async function cloneFor(event: BotEvent, token: string, options: RunOptions): Promise<Clone> {
  const { cloneDir: folder, serverUrl, apiUrl: baseUrl, env } = options;
  const name = parseRepositoryName(event.repository.fullName);
  const asked = { baseUrl, token, name, userAgent: "skein", timer: systemTimer, clock: wallClock };
  const id =
    event.repository.id === 0 ? (await createCodeHost(asked).repository()).id : event.repository.id;
  return openClone({ folder, id, name, serverUrl, env });
}

interface Wanted {
  readonly event: BotEvent;
  readonly names: readonly HandlerName[];
}

/** One token for one run in one repository, which ends with it. */
async function withToken<T>(
  { app }: RunOptions,
  { event, names }: Wanted,
  work: (token: string) => Promise<T>,
): Promise<T> {
  const { fullName } = event.repository;
  if (!isRepositoryName(fullName)) {
    throw new TypeError("An event of no repository was to be worked on.");
  }
  const minted = await app.tokenFor(fullName, permissionsOf(names));
  try {
    return await work(minted.token);
  } finally {
    await minted.revoke();
  }
}

interface Given extends Pick<BotContext, "event" | "outputDir" | "signal" | "cwd" | "git"> {
  readonly token: string;
}

function contextOf(
  { token, ...given }: Given,
  { apiUrl, serverUrl, bounds, env, log }: RunOptions,
): BotContext {
  return {
    ...given,
    wishes: appWishes,
    github: { apiUrl, serverUrl, token },
    received: null,
    isDurable: true,
    database: "none",
    bounds,
    env,
    log,
  };
}

import type { Git } from "../adapters/git/index.ts";
import type { Json } from "../core/base/json.ts";
import type { MicroUsd } from "../core/base/ids.ts";
import type { PresetName, Severity } from "../core/review/index.ts";
import type { ProviderBounds } from "../provider-bounds.ts";
import type { BotEvent } from "./event.ts";

/** What one run is for; `auto`: what the event calls for. */
export type BotMode = "auto" | "plan" | "review" | "rules" | "command";

/**
 * Which part of the work this job does. `collect` holds no secret, `think` holds model keys and may only read, `reserve` before it and `publish` after it may
 * write and call no model; `all` is for private repositories, where one job does the three.
 */
export type BotStage = "all" | "collect" | "reserve" | "think" | "publish";

/** How one provider is reached, where the workflow says so. */
export interface ProviderAccess {
  /** Null: no key was given. */
  readonly apiKey: string | null;
  /** Null: what the settings say. */
  readonly baseUrl: string | null;
}

/** What the workflow of a repository asks for; null where it leaves the choice to `skein.yml`. */
export interface BotWishes {
  readonly mode: BotMode;
  readonly stage: BotStage;
  /** Where `skein.yml` is on the default branch; null: its usual places. */
  readonly config: string | null;
  readonly preset: PresetName | null;
  readonly budgetMicroUsd: MicroUsd | null;
  readonly maxComments: number | null;
  /** Milder findings are only in the summary. */
  readonly severityFloor: Severity | null;
  /** Patterns of paths; empty: every path. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** True: one comment that is edited; false: a new comment each time. */
  readonly isSticky: boolean;
  /** True: nothing is written to GitHub; what would be goes to the log and the summary. */
  readonly isDryRun: boolean;
  /** The address of a project at a server whose leases count for rules; null: none. */
  readonly serverUrl: string | null;
  readonly anthropic: ProviderAccess;
  readonly openai: ProviderAccess;
}

export type BotEnv = Readonly<Record<string, string | undefined>>;

/** How GitHub is reached. */
export interface GithubAccess {
  /** Without a slash at its end, as `https://api.github.com`. */
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** Null: without one, as in a job that holds no power. */
  readonly token: string | null;
}

export type AnnotationLevel = "error" | "warning" | "notice";

/** A sentence on a line of a file. */
export interface Annotation {
  readonly level: AnnotationLevel;
  readonly title: string;
  readonly message: string;
  /** Null: on the run as a whole. */
  readonly path: string | null;
  readonly startLine: number | null;
  readonly endLine: number | null;
  /** True: a check has it on its line already, or the run is of another commit. Then the log names it, and nothing marks the line again. */
  readonly isShown: boolean;
}

/** Where handlers tell people what they do. No text given here can become a command to the runner. */
export interface BotLog {
  info(this: void, text: string): void;
  debug(this: void, text: string): void;
  warn(this: void, text: string): void;
  /** Folds what `work` tells under one title. */
  group<T>(this: void, title: string, work: () => Promise<T>): Promise<T>;
}

/** What an earlier job of the same run handed over, checked against this event. */
export interface Received extends HandedOver {
  /** As `review` or `plan`: the handler that made it. */
  readonly kind: string;
  /** SHA-256 of all of it, with when it was written: a job that runs once more is given the same, another try of the job before another one. */
  readonly hash: string;
}

/** What one stage of a handler gives to the next. Where the event names commits, these must be the same. */
export interface HandedOver {
  /** Null where it is about no commit, as for an issue. */
  readonly headSha: string | null;
  readonly baseSha: string | null;
  readonly payload: Json;
}

/** All that an event handler is given; it reads nothing of the process itself. */
export interface BotContext {
  readonly event: BotEvent;
  readonly wishes: BotWishes;
  readonly github: GithubAccess;
  /** Null in a job that nothing was handed to. */
  readonly received: Received | null;
  /** The checkout; null where there is none. */
  readonly cwd: string | null;
  /** Null where there is no checkout. */
  readonly git: Git | null;
  /** True where the ledger outlives this run, as the App's does, and an Action's with a database. */
  readonly isDurable: boolean;
  /**
   * What became of the database that the run was given by its workflow: `away` where it does not answer, so that limits that only it
   * knows cannot be held; `none` where there is none, as in the App, whose ledger is its own.
   */
  readonly database: "away" | "none" | "open";
  /**
   * What settings may use of this process: those of a repository are a stranger's to the App. Null in an Action, where the workflow of the default
   * branch chose what its settings can reach.
   */
  readonly bounds: ProviderBounds | null;
  /** The environment without the runner's own secrets, and with the keys of the providers under their usual names. */
  readonly env: BotEnv;
  /** A folder for reports, which the job may upload. */
  readonly outputDir: string;
  readonly log: BotLog;
  /** Aborted when the runner cancels the job. */
  readonly signal: AbortSignal;
}

/** `neutral`: nothing was judged, and `title` says why. */
export type Conclusion = "success" | "failure" | "neutral" | "skipped";

/** What one handler found. */
export interface HandlerOutcome {
  readonly conclusion: Conclusion;
  /** One sentence. */
  readonly title: string;
  /** Safe Markdown for the job's summary; may be empty. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** How many findings were published; null: no review was made. */
  readonly findings: number | null;
  /** Absolute paths of what was written under `outputDir`; null: nothing. */
  readonly reportPath: string | null;
  readonly sarifPath: string | null;
  /** True: an earlier try of the same job has said it where it was asked for. */
  readonly isTold: boolean;
  readonly costMicroUsd: MicroUsd | null;
  readonly planHash: string | null;
  /** For the next job; null: nothing is handed on. */
  readonly handover: HandedOver | null;
}

/**
 * Handles one event, from what it reads to what it publishes. What people can mend is a `neutral` or `failure` outcome or a SkeinError; a bug is thrown.
 */
export type EventHandler = (context: BotContext) => Promise<HandlerOutcome>;

/** An outcome in which nothing was found, made or spent. */
export function plainOutcome(conclusion: Conclusion, title: string): HandlerOutcome {
  return {
    conclusion,
    title,
    summary: "",
    annotations: [],
    isTold: false,
    findings: null,
    reportPath: null,
    sarifPath: null,
    costMicroUsd: null,
    planHash: null,
    handover: null,
  };
}

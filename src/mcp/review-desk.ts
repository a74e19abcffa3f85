import type { OpenOptions, RepositoryProject } from "../compose.ts";
import type { GivenSettings } from "../compose-models.ts";
import type { SentChange } from "../sent-work.ts";
import { createGit, defaultBranch } from "../adapters/git/index.ts";
import type { ChangeRequest } from "../adapters/git/index.ts";
import type { Skein } from "../core/index.ts";
import type { Actor, MicroUsd } from "../core/base/ids.ts";
import { holdWork } from "./held-work.ts";
import type { TellProgress } from "./tool.ts";
import type { PresetName, ReviewResult, StartedReview, SwarmEvent } from "../core/review/index.ts";

/** The reviews that this server runs. They outlast the call that began them, and end with the server. */
export interface ReviewDesk {
  /** Begins a review of what HEAD adds to a branch, and tells its id. @throws {SkeinError} where nobody can review. */
  start(ask: ReviewAsk): Promise<string>;
  /**
   * Waits for a review; null when it still runs after that time.
   * @throws {SkeinError} SKN-5871 for an unknown review, SKN-4871 for one that another process runs and that is not kept after that time, or
   * that ended with its process.
   */
  wait(id: string, waiting: Waiting): Promise<ReviewResult | null>;
  /** Stops all calls, and keeps what there is. */
  close(): Promise<void>;
}

export interface ReviewAsk {
  /** Null: the default branch. */
  readonly base: string | null;
  /** The change as a caller elsewhere sent it; null: it is read from the repository here. */
  readonly sent: SentChange | null;
  /** The caller's branch, where HEAD here is not the caller's. Default: HEAD. */
  readonly head?: string | undefined;
  /** Null: the settings'. */
  readonly preset: PresetName | null;
  /** What it may spend at most; null: what the settings say. */
  readonly limit: MicroUsd | null;
  readonly actor: Actor;
  /** The same key of the same actor is the same review, for the newest 1,000 of them. Null: a review of its own. */
  readonly key: string | null;
}

export interface Waiting {
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly onProgress: TellProgress;
}

interface Running {
  readonly done: Promise<ReviewResult>;
  readonly listeners: Set<Waiting["onProgress"]>;
  stepsDone: number;
  steps: number;
}

export interface DeskOptions {
  readonly env: OpenOptions["env"];
  /** The settings that name the models. Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
}

/** So many reviews that have ended are at hand, and how they failed; the ledger keeps the others. */
const mostEnded = 32;

/** So many keys are known: a call is repeated soon, or never. */
const mostKeys = 1_000;

/** Nothing of models is loaded before the first review. */
export function createReviewDesk(project: RepositoryProject, options: DeskOptions): ReviewDesk {
  const running = holdWork<Running>(mostEnded);
  const keyed = holdWork<Promise<string>>(mostKeys);
  const stop = new AbortController();
  const start = async (ask: ReviewAsk): Promise<string> => {
    const entry: Omit<Running, "done"> = { listeners: new Set(), stepsDone: 0, steps: 0 };
    const { id, done } = await begin(project, options, {
      ask,
      signal: stop.signal,
      onEvent: (event) => {
        hear(entry, event);
      },
    });
    running.hold(id, Object.assign(entry, { done }), done);
    return id;
  };
  return {
    start: async (ask) => {
      if (ask.key === null) {
        return start(ask);
      }
      const name = `${ask.actor} ${ask.key}`;
      const known = keyed.get(name);
      if (known !== undefined) {
        return known;
      }
      const id = start(ask);
      keyed.hold(name, id, id);
      // A review that could not begin may be asked for again.
      id.catch(() => {
        keyed.drop(name);
      });
      return id;
    },
    wait: async (id, waiting) => {
      const entry = running.get(id);
      return entry === undefined
        ? waitElsewhere(project.skein, id, waiting)
        : waitFor(entry, waiting);
    },
    close: async () => {
      stop.abort();
      await Promise.allSettled(running.all().map(async ({ done }) => done));
    },
  };
}

interface Beginning {
  readonly ask: ReviewAsk;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SwarmEvent) => void;
}

async function begin(
  project: RepositoryProject,
  { env, given }: DeskOptions,
  beginning: Beginning,
): Promise<StartedReview> {
  const { prepareReview } = await import("../compose-review.ts");
  const { preset, limit, actor, sent } = beginning.ask;
  const { signal, onEvent } = beginning;
  const change = sent === null ? await requestOf(project, env, beginning.ask) : null;
  const ask = {
    env,
    given,
    change,
    sent: sent ?? undefined,
    preset,
    actor,
    limit,
    recording: null,
    signal,
    onEvent,
  };
  const { reviewing, request } = await prepareReview(project, ask);
  return reviewing.start(request);
}

/** What is to be read here; null: what HEAD adds to the default branch. */
async function requestOf(
  { repository }: RepositoryProject,
  env: OpenOptions["env"],
  { base, head }: ReviewAsk,
): Promise<ChangeRequest | null> {
  if (base === null && head === undefined) {
    return null;
  }
  const git = createGit({ cwd: repository.root, env });
  return { kind: "branch", base: base ?? (await defaultBranch(git)) ?? "HEAD", head };
}

function hear(entry: Omit<Running, "done">, event: SwarmEvent): void {
  // The protocol wants more progress with each word of it, so that the beginning of a phase and the pooling are steps, too.
  const isSeat = event.kind === "seat_answered" || event.kind === "seat_failed";
  entry.steps += event.kind === "phase_started" ? event.seats : 0;
  entry.steps += isSeat ? 0 : 1;
  entry.stepsDone += 1;
  for (const listener of entry.listeners) {
    listener({ done: entry.stepsDone, total: entry.steps, message: messageOf(event) });
  }
}

function messageOf(event: SwarmEvent): string {
  switch (event.kind) {
    case "phase_started":
      return event.phase === "generate"
        ? `${String(event.seats)} reviewers read the change`
        : `${String(event.seats)} reviewers vote`;
    case "seat_answered":
      return `Seat ${String(event.seat)} answered`;
    case "seat_failed":
      return `Seat ${String(event.seat)} failed`;
    case "pooled":
      return event.clusters === 1 ? "1 candidate" : `${String(event.clusters)} candidates`;
    default:
      return event satisfies never;
  }
}

/** Looks for a review that another process runs, until it is kept or the time is up; that process alone knows how far it is. */
async function waitElsewhere(
  { store, reviews, dispatch }: Skein,
  id: string,
  { ms: waitMs, signal }: Waiting,
): Promise<ReviewResult> {
  await dispatch.waitFor({ waitMs, signal, untried: { value: null } }, async () => {
    const { state } = await store.read(async (reader) => reviews.get(reader, id));
    return { isFinal: state !== "running", value: null, againInMs: null };
  });
  return (await store.read(async (reader) => reviews.record(reader, id))).result;
}

async function waitFor(entry: Running, waiting: Waiting): Promise<ReviewResult | null> {
  const over = new AbortController();
  entry.listeners.add(waiting.onProgress);
  try {
    const pause = new Promise<null>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve(null);
      };
      const timer = setTimeout(end, waiting.ms);
      waiting.signal.addEventListener("abort", end, { once: true, signal: over.signal });
      over.signal.addEventListener("abort", end, { once: true });
    });
    return await Promise.race([entry.done, pause]);
  } finally {
    over.abort();
    entry.listeners.delete(waiting.onProgress);
  }
}

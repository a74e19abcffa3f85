import { createGit, createVerifier, readChange } from "./adapters/git/index.ts";
import type { ChangeRequest, Git } from "./adapters/git/index.ts";
import { systemRandom } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import { openModels } from "./compose-models.ts";
import type {
  GivenSettings,
  OpenModels,
  OpenModelsOptions,
  SpentBefore,
} from "./compose-models.ts";
import { reviewWishes } from "./review-wishes.ts";
import { sourcesIn, sourcesOf, targetOf } from "./review-sources.ts";
import type { ReviewSources, SentChange } from "./review-sources.ts";
import { openAnswers, openRecording, recorded } from "./compose-recording.ts";
import type { KeptAnswers, RecordingAsk } from "./compose-recording.ts";
import type { OpenOptions, RepositoryProject } from "./compose.ts";
import { isSessionId } from "./core/base/ids.ts";
import type { Actor, MicroUsd } from "./core/base/ids.ts";
import { SkeinError } from "./core/base/errors.ts";
import { together } from "./core/base/together.ts";
import { priceOf } from "./core/costs/index.ts";
import type { CallPurpose } from "./core/costs/index.ts";
import { createRemarks, createTokens } from "./core/models/index.ts";
import type { Remarks } from "./core/models/index.ts";
import { createReviewing, reviewErrors, runChecks } from "./core/review/index.ts";
import type {
  Change,
  Finding,
  OnSwarmEvent,
  PresetName,
  Reviewing,
  ReviewRequest,
  SkipOptions,
  Verifier,
} from "./core/review/index.ts";

/** What a review is made for: the pull request and the issue, as `owner/name#12`; null: none. */
export interface ReviewPurpose {
  readonly pr: string | null;
  /** At the top of its tree. */
  readonly issue: string | null;
  /** The id of the account whose pull request it is. Default: none. */
  readonly author?: string | undefined;
}

/** A person's own command. */
export interface VerifyAsk {
  /** A line for the shell. */
  readonly command: string;
  /** Of one run. */
  readonly timeoutMs: number;
}

/** What a face asks for. */
export interface ReviewAsk {
  readonly env: OpenOptions["env"];
  /** Null: what HEAD adds to the default branch. */
  readonly change: ChangeRequest | null;
  /** Null: what the settings say. A preset that is named brings its own number of seats. */
  readonly preset: PresetName | null;
  readonly actor: Actor;
  /** What it may spend; null: what the settings say. */
  readonly limit: MicroUsd | null;
  /** The change as a caller elsewhere sent it; nothing of it is looked for in a repository then. Default: it is read here. */
  readonly sent?: SentChange | undefined;
  /** What the review is for, so that the budgets of it hold it. Default: nothing. */
  readonly purpose?: ReviewPurpose | undefined;
  /** What is reviewed, as `pr:owner/name#12`: reviews of one subject know each other's findings. Default: by the change, as a branch's name. */
  readonly subject?: string | undefined;
  /** What the author says of the change, as a pull request's title and body: hostile text. Default: nothing. */
  readonly description?: string | undefined;
  /** Which files are reviewed and which are not. Default: the built-in rules. */
  readonly skip?: SkipOptions | undefined;
  /** What earlier reviews of the subject left, with their states. Default: what the store has. */
  readonly previous?: readonly Finding[] | undefined;
  /** What earlier reviews of the purpose cost and the ledger does not know. Default: nothing. */
  readonly spentBefore?: SpentBefore | undefined;
  /** The settings that count. Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
  /** A command that a person typed, asked of each finding. Nobody else may give one. Default: none. */
  readonly verify?: VerifyAsk | undefined;
  /** True: every model is asked anew, and no answer is kept. Default: as the settings say. */
  readonly isFresh?: boolean | undefined;
  /** Null: the answers are neither kept nor given again. */
  readonly recording: RecordingAsk | null;
  /** Told once for each budget that is nearly used up. Default: nobody. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: OnSwarmEvent;
  /** Awaited before each phase; what it finds it says by the signal. Must not throw. Default: nothing is waited for. */
  readonly onPhase?: (() => Promise<void>) | undefined;
}

/** One review, ready to be estimated or begun. */
export interface PreparedReview {
  readonly reviewing: Reviewing;
  readonly request: ReviewRequest;
  /** Sentences for people: where the worktree's settings say something else than the default branch's. */
  readonly notes: readonly string[];
}

/**
 * Opens what one review needs (models, ledger, checks, the base's instructions) and reads the change.
 *
 * With a recording the review's `start` throws SKN-4981, and its `done` SKN-5982.
 *
 * @throws {SkeinError} SKN-27xx without models, SKN-595x for an unknown revision, SKN-186x for a diff that cannot be read, SKN-5981 for what is no recording.
 */
export async function prepareReview(
  project: RepositoryProject,
  ask: ReviewAsk,
): Promise<PreparedReview> {
  const { env, signal, onEvent, onPhase, actor } = ask;
  const git = createGit({ cwd: project.repository.root, env });
  const recording = ask.recording === null ? null : await openRecording(ask.recording);
  const remarks = createRemarks(ask.onWarning ?? (() => undefined));
  let answers: KeptAnswers | null = null;
  // That models are missing is said before what is wrong with the change.
  const [models, { change, subject, sources }] = await together([
    openModels(project, {
      ...moneyOf(ask),
      env,
      given: ask.given,
      onEvent: remarks.onEvent,
      tape: async (settings) => {
        answers = recording === null ? await answersFor(project, ask, settings) : null;
        return recording?.tape ?? answers?.tape ?? null;
      },
    }),
    materialFor(git, ask, project.repository),
  ]);
  return {
    reviewing: recorded(
      recording,
      (port) =>
        reviewingOf(project, { ...models, port, remarks, seedOf: answers?.seedOf }, sources),
      models.port,
    ),
    request: {
      change,
      subject,
      actor,
      ...reviewWishes(ask, models.settings, models.models),
      description: ask.description ?? "",
      previous: ask.previous,
      // A replay spends nothing.
      room: ask.recording?.mode === "replay" ? null : await models.room(),
      seed: recording?.seed,
      verify: verifierOf(ask, git, change),
      signal,
      onEvent,
      onPhase,
    },
    notes: models.notes,
  };
}

type Money = Pick<
  OpenModelsOptions,
  "actor" | "purpose" | "runLimit" | "mayRaise" | "spentBefore" | "onWarning"
>;

/** Over a server nobody raises what the settings let a run spend. */
function moneyOf(ask: ReviewAsk): Money {
  const { actor, limit, sent, spentBefore, onWarning } = ask;
  return {
    actor,
    purpose: { session: sessionOf(actor), ...numbersOf(ask.purpose) },
    runLimit: limit ?? undefined,
    mayRaise: sent === undefined,
    spentBefore,
    onWarning,
  };
}

/** Null where every answer is asked for anew. */
async function answersFor(
  { storeDir }: RepositoryProject,
  { isFresh = false }: ReviewAsk,
  { review, providers }: OpenModels["settings"],
): Promise<KeptAnswers | null> {
  return isFresh || review.cacheMs === 0
    ? null
    : openAnswers(storeDir, { maxAgeMs: review.cacheMs, salt: JSON.stringify([...providers]) });
}

/** @throws {SkeinError} SKN-3872 for an agent, SKN-1875 without commits. */
function verifierOf(
  { actor, env, verify }: ReviewAsk,
  git: Git,
  { base, head }: Change,
): Verifier | undefined {
  if (verify === undefined) {
    return undefined;
  }
  if (actor.startsWith("session:")) {
    throw new SkeinError(reviewErrors.verifyByAgent, { facts: { actor } });
  }
  if (base === null || head === null) {
    throw new SkeinError(reviewErrors.noCommit);
  }
  return createVerifier({ git, root: git.cwd, env, ...verify, sides: { base, head } });
}

/** The ledger is that of one repository and counts by number. @throws {SkeinError} SKN-1874 */
function numbersOf(
  purpose: ReviewPurpose | undefined,
): Pick<CallPurpose, "pr" | "issue" | "author"> {
  const { pr = null, issue = null, author = null } = purpose ?? {};
  return { pr: numberIn(pr), issue: numberIn(issue), author };
}

function numberIn(name: string | null): number | null {
  if (name === null) {
    return null;
  }
  const digits = /^[\w.-]+\/[\w.-]+#(?<digits>[1-9]\d{0,9})$/u.exec(name)?.groups?.["digits"];
  if (digits === undefined) {
    throw new SkeinError(reviewErrors.badPurpose, {
      message: `${JSON.stringify(name)} names no pull request and no issue.`,
      facts: { name },
    });
  }
  return Number(digits);
}

function sessionOf(actor: Actor): `s${number}` | null {
  const id = actor.startsWith("session:") ? actor.slice("session:".length) : "";
  return isSessionId(id) ? id : null;
}

interface Reviewers extends OpenModels {
  readonly seedOf: KeptAnswers["seedOf"] | undefined;
  readonly remarks: Remarks;
}

function reviewingOf(
  { skein }: RepositoryProject,
  models: Reviewers,
  sources: ReviewSources,
): Reviewing {
  return createReviewing({
    seedOf: models.seedOf,
    remarks: () => models.remarks.all(),
    store: skein.store,
    reviews: skein.reviews,
    random: systemRandom,
    timer: systemTimer,
    tokens: createTokens(),
    models: models.models,
    model: models.port,
    money: models.money,
    costOf: (model, usage) => {
      const price = models.priceOf(model);
      return price === null ? 0 : priceOf(usage, price);
    },
    check: async (change) =>
      runChecks(change.files, {
        redactor: models.redactor,
        hasPath: await sources.pathsOf(change),
        forbiddenPaths: models.settings.review.forbiddenPaths,
      }),
    readBase: sources.readBase,
    billsOf: async (id) => {
      const spends = await models.spentBySeat(id);
      return spends.map(({ seat, ...spend }) => ({ ...spend, seat: Number(seat) }));
    },
  });
}

interface Material {
  readonly change: Change;
  /** Reviews of one subject know each other's findings. */
  readonly subject: string;
  readonly sources: ReviewSources;
}

/** What is reviewed: as it was sent, or as it is read here. */
async function materialFor(
  git: Git,
  { sent, change: wanted, subject }: ReviewAsk,
  { root, branch }: RepositoryProject["repository"],
): Promise<Material> {
  if (sent !== undefined) {
    return { change: sent.change, subject: subject ?? sent.subject, sources: sourcesOf(sent) };
  }
  const target = await targetOf(git, wanted, branch);
  return {
    change: await readChange(git, target.change),
    subject: subject ?? target.subject,
    sources: sourcesIn(git, root),
  };
}

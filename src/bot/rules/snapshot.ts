import { ensureHistory, readChangeFacts } from "../../adapters/git/index.ts";
import { secretsIn } from "../../adapters/secrets/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { PullRequest, User, Verdict } from "../../core/hosting/index.ts";
import {
  absent,
  failed,
  known,
  ledgerFile,
  ledgerRef,
  liveTimeOf,
  parseLedger,
} from "../../core/rules/index.ts";
import type { Account, Fact, Ledger, PersonApproval, Snapshot } from "../../core/rules/index.ts";
import type { BotContext } from "../context.ts";
import type { Workplace } from "../workplace.ts";
import { readLiveLedger } from "./live-ledger.ts";
import type { LiveLedger } from "./live-ledger.ts";

/** What is judged: a pull request, or the head of a merge queue, of which GitHub tells only commits. */
export interface Judged {
  readonly base: Snapshot["base"];
  readonly head: Snapshot["head"];
  /** Null: there is no pull request. */
  readonly pull: PullRequest | null;
}

export function judgedOf(pull: PullRequest): Judged {
  const { base, head, isFork } = pull;
  return {
    base: { ref: base.branch, sha: base.sha },
    head: { ref: head.branch, sha: head.sha, isFork },
    pull,
  };
}

/** Reads everything that rules look at: from the checkout what the change does, from GitHub who does it and who agrees. */
export async function readSnapshot(
  context: BotContext,
  place: Workplace,
  judged: Judged,
): Promise<Snapshot> {
  const { pull, base, head } = judged;
  const ledger = await ledgerOf(context, place);
  return {
    base,
    head,
    ...(await changeOf(context, judged)),
    ledger,
    ...(await wordsOf(place, pull)),
    approvals: pull === null ? noPull() : await approvalsOf(place, pull),
    nowMs: liveTimeOf(ledger) ?? Date.now(),
  };
}

type ChangePart = Pick<Snapshot, "files" | "commits" | "lockFiles" | "secrets">;

async function changeOf(context: BotContext, judged: Judged): Promise<ChangePart> {
  const { git, github } = context;
  if (git === null) {
    const none = absent<never>("The job has no checkout to read the change from.");
    return { files: none, commits: none, lockFiles: none, secrets: none };
  }
  const range = { base: judged.base.sha, head: judged.head.sha };
  try {
    const { token, serverUrl } = github;
    await ensureHistory(git, {
      ...range,
      pull: judged.pull?.number ?? null,
      access: token === null ? null : { serverUrl, token },
    });
    const { files, commits, lockFiles, diff } = await readChangeFacts(git, range);
    return { files, commits, lockFiles, secrets: await secretsIn(diff, context.env) };
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    const { code, message } = error;
    const broken = failed<never>(`The change cannot be read (${code}): ${message}`);
    return { files: broken, commits: broken, lockFiles: broken, secrets: broken };
  }
}

/** Who was asked in a run: a sweep judges many pull requests, and waits for a server that is away once. */
const asked = new WeakMap<Workplace, Promise<LiveLedger>>();

/** Live where somebody tells it, else as published. */
async function ledgerOf(context: BotContext, place: Workplace): Promise<Fact<Ledger>> {
  const asking = asked.get(place) ?? readLiveLedger(context, place);
  asked.set(place, asking);
  const live = await asking;
  if (live.kind === "live") {
    return known(live.ledger);
  }
  const published = await publishedLedger(place);
  return live.kind === "silent" ? noted(published, live.why) : published;
}

function noted(published: Fact<Ledger>, note: string): Fact<Ledger> {
  return published.kind === "known"
    ? known({ ...published.value, note })
    : { ...published, why: `${note} ${published.why}` };
}

async function publishedLedger({ host }: Workplace): Promise<Fact<Ledger>> {
  const commit = await host.files.resolve(ledgerRef);
  const text = commit === null ? null : await host.files.read(ledgerFile, commit);
  if (text === null) {
    return absent("No ledger of leases is published here.");
  }
  try {
    return known(parseLedger(text));
  } catch (error) {
    if (error instanceof SkeinError) {
      return failed(`The published ledger cannot be read (${error.code}).`);
    }
    throw error;
  }
}

type Words = Pick<Snapshot, "author" | "text" | "labels">;

async function wordsOf(place: Workplace, pull: PullRequest | null): Promise<Words> {
  if (pull === null) {
    return { author: noPull(), text: noPull(), labels: noPull() };
  }
  const { author, title, body, labels } = pull;
  return {
    author: known(await accountOf(place, author)),
    text: known({ title, body }),
    labels: known(labels),
  };
}

function noPull<T>(): Fact<T> {
  return absent("It is known of pull requests only.");
}

async function accountOf({ host }: Workplace, { id, login, kind }: User): Promise<Account> {
  return { id: String(id), login, kind, permission: await host.permissionOf(login) };
}

/** So many people are looked up at most. */
const mostApprovers = 20;

async function approvalsOf(
  place: Workplace,
  { number }: PullRequest,
): Promise<Fact<readonly PersonApproval[]>> {
  const approvals: PersonApproval[] = [];
  for (const { author, sha } of standing(await place.host.pulls.verdicts(number))) {
    approvals.push({ by: await accountOf(place, author), sha });
  }
  return known(approvals);
}

/** The newest word of each person counts; a comment changes nothing. Those of the team come first: strangers who approve take nobody's place. */
function standing(verdicts: readonly Verdict[]): readonly Verdict[] {
  const latest = new Map<number, Verdict>();
  for (const verdict of verdicts.toSorted((one, other) => one.atMs - other.atMs)) {
    if (verdict.kind !== "commented") {
      latest.set(verdict.author.id, verdict);
    }
  }
  return [...latest.values()]
    .filter(({ kind }) => kind === "approved")
    .toSorted((one, other) => Number(other.isOfTeam) - Number(one.isOfTeam))
    .slice(0, mostApprovers);
}

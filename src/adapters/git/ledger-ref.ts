import { setTimeout } from "node:timers/promises";

import { SkeinError } from "../../core/base/errors.ts";
import { isoTime } from "../../core/base/iso.ts";
import {
  ledgerFile,
  ledgerRef,
  ledgerText,
  maxLedgerBytes,
  parseLedger,
  rulesErrors,
  withPublication,
} from "../../core/rules/index.ts";
import type { Ledger, Publication } from "../../core/rules/index.ts";
import type { Git } from "./git.ts";

/** What came of publishing. */
export interface Published {
  readonly kind: "published" | "unchanged";
  /** The commit at the ref now. */
  readonly commit: string;
  readonly ledger: Ledger;
}

/** The ledger that this clone knows, or null. @throws {SkeinError} SKN-0931, SKN-2931. */
export async function readLedgerRef(git: Git): Promise<Ledger | null> {
  const commit = await localCommit(git);
  return commit === null ? null : readLedgerCommit(git, commit);
}

/** The ledger in a commit that is here. @throws {SkeinError} SKN-0931, SKN-2931. */
export async function readLedgerCommit(git: Git, commit: string): Promise<Ledger> {
  const name = `${commit}:${ledgerFile}`;
  const size = await git.text(["cat-file", "-s", name], { okCodes: [0, 1, 128] });
  if (!/^\d+$/u.test(size) || Number(size) > maxLedgerBytes) {
    throw new SkeinError(rulesErrors.ledgerUnreadable, {
      message: `The published ledger has no ${ledgerFile} of at most 1 MiB.`,
    });
  }
  return parseLedger(await git.text(["cat-file", "blob", name]));
}

/** Keeps a publication at the ref of this clone alone. */
export async function keepLedger(git: Git, own: Publication): Promise<Published> {
  const head = await localCommit(git);
  const next = await following(git, head, own);
  if (head !== null && next.isSame) {
    return { kind: "unchanged", commit: head, ledger: next.ledger };
  }
  const commit = await writeCommit(git, next.ledger, own.publishedAtMs);
  await moveRef(git, commit);
  return { kind: "published", commit, ledger: next.ledger };
}

/** So many others may publish between reading and writing. */
const maxTries = 8;

/** A remote refuses while another's push holds its lock; one that does so this often at the same state means it. */
const maxRefusals = 3;

const pauseMs = 50;

/**
 * Publishes to a remote: what others published there stays, and nobody's is overwritten unseen, since the remote only takes it where
 * its ref is as it was read. The same again within some minutes makes no commit. Each commit stands alone, so that the ref never grows.
 *
 * @throws {SkeinError} SKN-0932 when the remote refuses it, SKN-0951 when it cannot be reached, SKN-9951 when it takes too long.
 */
export async function publishLedger(
  git: Git,
  remote: string,
  own: Publication,
): Promise<Published> {
  const refusals: Refused[] = [];
  for (let tries = 0; tries < maxTries && !isFinal(refusals); tries += 1) {
    const outcome = await publishOnce(git, remote, own);
    if (outcome.kind !== "refused") {
      return outcome;
    }
    refusals.push(outcome);
    await setTimeout(pauseMs * (tries + 1));
  }
  throw new SkeinError(rulesErrors.ledgerNotPublished, {
    message: `${remote} did not take ${ledgerRef}.`,
    facts: { remote, output: refusals.at(-1)?.output ?? "" },
  });
}

/** A push that the remote did not take. */
interface Refused {
  readonly kind: "refused";
  /** What was there when it was made. */
  readonly head: string | null;
  readonly output: string;
}

function isFinal(refusals: readonly Refused[]): boolean {
  const last = refusals.slice(-maxRefusals);
  return last.length === maxRefusals && new Set(last.map(({ head }) => head)).size === 1;
}

async function publishOnce(
  git: Git,
  remote: string,
  own: Publication,
): Promise<Published | Refused> {
  const head = await fetchLedger(git, remote);
  const next = await following(git, head, own);
  if (head !== null && next.isSame) {
    return { kind: "unchanged", commit: head, ledger: next.ledger };
  }
  const commit = await writeCommit(git, next.ledger, own.publishedAtMs);
  const output = await push(git, remote, { commit, before: head });
  if (output !== null) {
    return { kind: "refused", head, output };
  }
  await moveRef(git, commit);
  return { kind: "published", commit, ledger: next.ledger };
}

/** Brings the remote's ledger to this clone's ref and gives its commit; null when the remote has none. */
export async function fetchLedger(git: Git, remote: string): Promise<string | null> {
  const listed = await git.text(["ls-remote", "--", remote, ledgerRef]);
  const commit = /^([0-9a-f]{40,64})\trefs\/skein\/ledger$/mu.exec(listed)?.[1] ?? null;
  if (commit !== null && commit !== (await localCommit(git))) {
    await git.run([
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-prune",
      "--no-write-fetch-head",
      "--refmap=",
      "--no-auto-maintenance",
      "--recurse-submodules=no",
      "--",
      remote,
      `+${ledgerRef}:${ledgerRef}`,
    ]);
    return localCommit(git);
  }
  return commit;
}

interface Following {
  readonly ledger: Ledger;
  /** True when what is published says the same already. */
  readonly isSame: boolean;
}

/** A ledger that cannot be read is replaced; one of a newer version is not. */
async function following(git: Git, head: string | null, own: Publication): Promise<Following> {
  const before = head === null ? null : await readable(git, head);
  const next = withPublication(before, own);
  return next === null
    ? { ledger: before ?? { source: "published", publications: [] }, isSame: true }
    : { ledger: next, isSame: false };
}

async function readable(git: Git, commit: string): Promise<Ledger | null> {
  try {
    return await readLedgerCommit(git, commit);
  } catch (error) {
    if (error instanceof SkeinError && error.code === rulesErrors.ledgerUnreadable.code) {
      return null;
    }
    throw error;
  }
}

async function localCommit(git: Git): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", `${ledgerRef}^{commit}`];
  const commit = await git.text(args, { okCodes: [0, 1, 128] });
  return commit === "" ? null : commit;
}

async function moveRef(git: Git, commit: string): Promise<void> {
  await git.run(["update-ref", "-m", "skein: publish", ledgerRef, commit]);
}

const author = { NAME: "skein", EMAIL: "skein@localhost" };

/** A commit without parents, with one file: the same ledger at the same time is the same commit. */
async function writeCommit(git: Git, ledger: Ledger, atMs: number): Promise<string> {
  const blob = await git.text(["hash-object", "-w", "--stdin"], { input: ledgerText(ledger) });
  const tree = await git.text(["mktree"], { input: `100644 blob ${blob}\t${ledgerFile}\n` });
  const date = isoTime(Math.floor(atMs / 1_000) * 1_000);
  return git.text(["commit-tree", "--no-gpg-sign", tree, "-m", "The ledger of leases"], {
    env: {
      GIT_AUTHOR_NAME: author.NAME,
      GIT_AUTHOR_EMAIL: author.EMAIL,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: author.NAME,
      GIT_COMMITTER_EMAIL: author.EMAIL,
      GIT_COMMITTER_DATE: date,
    },
  });
}

interface PushedLedger {
  readonly commit: string;
  /** What the remote must have; null: nothing. */
  readonly before: string | null;
}

/** Null when the remote took it, else its words. No hook runs: a push from within a push would call itself. */
async function push(
  git: Git,
  remote: string,
  { commit, before }: PushedLedger,
): Promise<string | null> {
  const { exitCode, stdout, stderr } = await git.run(
    [
      "push",
      "--porcelain",
      "--no-verify",
      "--no-signed",
      "--no-follow-tags",
      "--recurse-submodules=no",
      `--force-with-lease=${ledgerRef}:${before ?? ""}`,
      "--",
      remote,
      `${commit}:${ledgerRef}`,
    ],
    { okCodes: [0, 1, 128] },
  );
  return exitCode === 0 ? null : `${stdout}\n${stderr}`.trim().slice(-2_000);
}

import { isoTime } from "../../base/iso.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { byteLength } from "../../base/text.ts";
import type { PathPattern } from "../../leases/index.ts";
import { maxLedgerBytes } from "./ledger.ts";
import type { Ledger, LedgerLease, LedgerTask, Publication } from "./ledger.ts";
import { ledgerLimits } from "./parse.ts";

/** Others' publications that are older say nothing to anybody and are dropped. */
const keptMs = 7 * 24 * 3_600_000;

/** The same again is written once in this time, so that the age of a ledger says when somebody last vouched for it. */
export const confirmAfterMs = 15 * 60_000;

/**
 * The ledger after a clone published. What others published stays, unless it is a week old. Null when the clone says what it said within
 * the last 15 minutes already.
 */
export function withPublication(before: Ledger | null, own: Publication): Ledger | null {
  const earlier = before?.publications.find(({ publisher }) => publisher === own.publisher) ?? null;
  const ageMs = earlier === null ? 0 : own.publishedAtMs - earlier.publishedAtMs;
  // A clock that ran ahead and was put right must not silence the clone until it is caught up with.
  const isRecent = ageMs >= 0 && ageMs < confirmAfterMs;
  if (earlier !== null && isRecent && contentOf(earlier) === contentOf(own)) {
    return null;
  }
  const others = (before?.publications ?? [])
    .filter(({ publisher }) => publisher !== own.publisher)
    .filter(({ publishedAtMs }) => Math.abs(own.publishedAtMs - publishedAtMs) < keptMs)
    .toSorted((one, other) => other.publishedAtMs - one.publishedAtMs)
    .slice(0, ledgerLimits.publications - 1);
  return { source: "published", publications: [own, ...others] };
}

/** Events elsewhere in the project change nothing that a ledger says. */
function contentOf(publication: Publication): string {
  return JSON.stringify(publicationJson({ ...publication, publishedAtMs: 0, headSeq: 0 }));
}

/** Writes a ledger as the text that `parseLedger` reads, within its size: what does not fit is left out and counted, the oldest first. */
export function ledgerText({ publications }: Ledger): string {
  let left = publications;
  let text = textOf(left);
  while (byteLength(text) > maxLedgerBytes) {
    left = smaller(left);
    text = textOf(left);
  }
  return text;
}

function textOf(publications: readonly Publication[]): string {
  const file = { schema_version: 1, publications: publications.map(publicationJson) };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** First others' publications go, then half of the tasks, then half of the leases. What goes is counted in the first one. */
function smaller(publications: readonly Publication[]): readonly Publication[] {
  const [own, ...others] = publications;
  if (own === undefined) {
    return [];
  }
  const last = others.at(-1);
  if (last !== undefined) {
    const lost = last.leases.length + last.tasks.length + last.omitted;
    return [{ ...own, omitted: own.omitted + lost }, ...others.slice(0, -1)];
  }
  const isTasks = own.tasks.length > 0;
  const kept = Math.floor((isTasks ? own.tasks : own.leases).length / 2);
  const gone = (isTasks ? own.tasks : own.leases).length - kept;
  const part = isTasks
    ? { tasks: own.tasks.slice(0, kept) }
    : { leases: own.leases.slice(0, kept) };
  return [{ ...own, ...part, omitted: own.omitted + gone }];
}

function publicationJson(publication: Publication): JsonObject {
  return {
    publisher: publication.publisher,
    project: { repository: publication.repository },
    published_at: isoTime(publication.publishedAtMs),
    head_seq: publication.headSeq,
    case_insensitive: publication.caseInsensitive,
    leases: publication.leases.map(leaseJson),
    tasks: publication.tasks.map(taskJson),
    omitted: publication.omitted,
  };
}

function leaseJson(lease: LedgerLease): JsonObject {
  return {
    id: lease.id,
    session: lease.session,
    name: lease.name,
    ancestors: lease.ancestors,
    task: lease.task,
    patterns: lease.patterns.map(patternJson),
    mode: lease.mode,
    fence: lease.fence,
    until: lease.untilMs === null ? null : isoTime(lease.untilMs),
    landing: lease.isLanding,
    branch: lease.branch,
    reason: lease.reason,
  };
}

function taskJson(task: LedgerTask): JsonObject {
  return {
    task: task.task,
    state: task.state,
    fence: task.fence,
    session: task.session,
    ancestors: task.ancestors,
    accepted: task.accepted,
    scope: task.scope === null ? null : task.scope.map(patternJson),
  };
}

function patternJson({ kind, text }: PathPattern): Json {
  return { kind, text };
}

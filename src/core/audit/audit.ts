import { SkeinError } from "../base/errors.ts";
import type { ChainPoint, Event, Events } from "../events/index.ts";
import type { Store } from "../store/index.ts";
import { anchorText, dayOf, parseAnchor } from "./anchor.ts";
import type { Anchor } from "./anchor.ts";
import { judgeAnchor, judgeSignature } from "./checking.ts";
import type { AuditFault } from "./checking.ts";
import { auditErrors } from "./errors.ts";
import { isWanted } from "./filter.ts";
import type { AuditFilter } from "./filter.ts";
import type { AuditKey, AuditPublicKey } from "./keys.ts";

/** Keeps anchors outside of the store, where whoever can change the store cannot change them unseen. */
export interface AnchorPlace {
  /** All texts that are there. */
  list(): Promise<readonly string[]>;
  /** Adds the anchor of a day; false when there is one of this day already. */
  put(day: string, text: string): Promise<boolean>;
}

export interface AuditDeps {
  readonly store: Pick<Store, "project" | "read">;
  readonly events: Pick<Events, "after" | "archivedTo" | "check" | "hashOf" | "head">;
  /** Null: nothing is anchored, and nothing can be held against anchors. */
  readonly place: AnchorPlace | null;
  /** Null: anchors can be checked and none can be made. */
  readonly key: AuditKey | null;
  /** Former keys whose anchors count, too. */
  readonly trusted: readonly AuditPublicKey[];
}

/** What a check of the audit trail found. */
export interface AuditReport {
  readonly isClean: boolean;
  readonly events: number;
  readonly head: ChainPoint;
  readonly archivedTo: ChainPoint;
  readonly faults: readonly AuditFault[];
  /** Anchors of this project; null: none are kept. */
  readonly anchors: AnchorCount | null;
}

export interface AnchorCount {
  readonly checked: number;
  /** Those of events that were archived since: only their signatures were looked at. */
  readonly archived: number;
  /** Those signed by a key that is not trusted here; they count for nothing. */
  readonly unknownKeys: number;
  /** The newest that counts, or null. */
  readonly newest: Anchor | null;
}

/** What came of anchoring. */
export interface Anchored {
  /** `unchanged`: the newest anchor already covers the whole log; `exists`: there is one of this day. */
  readonly kind: "anchored" | "exists" | "unchanged";
  readonly anchor: Anchor | null;
}

/** Proves that the log is what it was, and gives it away as evidence. */
export interface Audit {
  /** Checks the chain, and holds it against every anchor. Reads only. */
  verify(): Promise<AuditReport>;
  /** The events that fit, oldest first, a page at a time. */
  export(filter: AuditFilter): AsyncGenerator<readonly Event[], void, undefined>;
  /** Signs the log's head and puts it away, at most once a day. @throws {SkeinError} SKN-2802, SKN-2803. */
  anchor(): Promise<Anchored>;
}

const pageSize = 1_000;

export function createAudit(deps: AuditDeps): Audit {
  return {
    verify: () => verify(deps),
    export: (filter) => exportEvents(deps, filter),
    anchor: () => anchor(deps),
  };
}

async function verify(deps: AuditDeps): Promise<AuditReport> {
  const { store, events, place } = deps;
  // Anchors first: one that is made meanwhile would know more than the log that was read.
  const texts = place === null ? null : await place.list();
  return store.read(async (reader) => {
    const { faults: chain, head, events: count } = await events.check(reader);
    const archivedTo = await events.archivedTo(reader);
    const faults: AuditFault[] = [...chain];
    let anchors: AnchorCount | null = null;
    if (texts !== null) {
      const sorted = sortAnchors(deps, texts);
      faults.push(...sorted.faults);
      for (const one of sorted.good) {
        const hashInLog = await events.hashOf(reader, one.head.seq);
        const fault = judgeAnchor({ anchor: one, hashInLog, head, archivedTo });
        faults.push(...(fault === null ? [] : [fault]));
      }
      anchors = {
        checked: sorted.good.length,
        archived: sorted.good.filter((one) => one.head.seq < archivedTo.seq).length,
        unknownKeys: sorted.unknownKeys,
        newest: newestOf(sorted.good),
      };
    }
    return { isClean: faults.length === 0, events: count, head, archivedTo, faults, anchors };
  });
}

interface SortedAnchors {
  readonly good: readonly Anchor[];
  readonly unknownKeys: number;
  readonly faults: readonly AuditFault[];
}

/** Those of this project: what counts, and what does not hold by itself. */
function sortAnchors({ store, key, trusted }: AuditDeps, texts: readonly string[]): SortedAnchors {
  const keys = key === null ? trusted : [key, ...trusted];
  const anchors = texts.map(parseAnchor);
  const own = anchors.filter((one) => one !== null).filter(isOf(store.project));
  const judged = own.map((one) => ({ one, verdict: judgeSignature(one, keys) }));
  const having = (verdict: string): readonly Anchor[] =>
    judged.filter((each) => each.verdict === verdict).map(({ one }) => one);
  const changed = having("bad").map(({ head, atMs }): AuditFault => ({
    fault: "signature",
    seq: head.seq,
    detail: `the anchor of ${dayOf(atMs)} was changed: its signature is not of its text`,
  }));
  const unreadable = anchors
    .filter((one) => one === null)
    .map((): AuditFault => ({ fault: "anchor", seq: 0, detail: "an anchor cannot be read" }));
  return {
    good: having("good"),
    unknownKeys: having("unknown").length,
    faults: [...changed, ...unreadable],
  };
}

function isOf(project: string): (one: Anchor) => boolean {
  return (one) => one.project === project;
}

function newestOf(anchors: readonly Anchor[]): Anchor | null {
  return anchors.toSorted((one, other) => one.head.seq - other.head.seq).at(-1) ?? null;
}

async function anchor(deps: AuditDeps): Promise<Anchored> {
  const { store, events, place, key } = deps;
  if (key === null) {
    throw new SkeinError(auditErrors.noKey);
  }
  if (place === null) {
    throw new SkeinError(auditErrors.noPlace);
  }
  const newest = newestOf(sortAnchors(deps, await place.list()).good);
  const now = await store.read(async (reader) => ({
    head: await events.head(reader),
    atMs: reader.nowMs,
  }));
  if (now.head.seq === 0 || newest?.head.hash === now.head.hash) {
    return { kind: "unchanged", anchor: newest };
  }
  const made = key.sign({ project: store.project, ...now });
  const isNew = await place.put(dayOf(now.atMs), anchorText(made));
  return isNew ? { kind: "anchored", anchor: made } : { kind: "exists", anchor: newest };
}

async function* exportEvents(
  { store, events }: AuditDeps,
  filter: AuditFilter,
): AsyncGenerator<readonly Event[], void, undefined> {
  let { seq } = await store.read((reader) => events.archivedTo(reader));
  for (;;) {
    const page = await store.read((reader) => events.after(reader, seq, pageSize));
    yield page.filter((event) => isWanted(event, filter));
    seq = page.at(-1)?.seq ?? seq;
    if (page.length < pageSize) {
      return;
    }
  }
}

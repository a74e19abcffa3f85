import { clockText } from "../../leases/index.ts";
import { authorshipOf } from "../claims.ts";
import type { Authorship } from "../claims.ts";
import type { ChoiceOf, Judging } from "../decide.ts";
import { sourceText, usableLedger } from "../ledger/age.ts";
import type { Ledger, LedgerLease, Publication } from "../ledger/ledger.ts";
import { listed, pathMatcher, shown } from "../patterns.ts";
import { counted, fails, passes, skips } from "../rule.ts";
import type { RulePlace, Verdict } from "../rule.ts";
import { judgedBy, touchedBySides } from "../snapshot.ts";
import type { Snapshot } from "../snapshot.ts";
import { tooCostly, touchedOf } from "../touching.ts";
import type { Touching } from "../touching.ts";

/** Nobody else holds what the change touches: an exclusive lease of another fails it, a shared one is a warning, an ended one is nothing. */
export function decideLeases(
  { maxAgeMs }: ChoiceOf<"leases">,
  { snapshot, policy }: Judging,
): Verdict {
  return judgedBy(snapshot.ledger, (ledger) => {
    const { publications, notes } = usableLedger(ledger, snapshot.nowMs, maxAgeMs);
    if (publications.length === 0) {
      return skips("There is no ledger that is new enough to tell who holds what.", notes);
    }
    return judgedBy(snapshot.files, (files) => {
      const isExempt = pathMatcher(policy.generated);
      const paths = touchedBySides(files).filter((path) => !isExempt(path));
      const touching = publications.flatMap((publication) =>
        liveLeases(publication, snapshot).map((lease) => touchingOf(lease, publication, paths)),
      );
      const refused = tooCostly(touching);
      if (refused !== null) {
        return refused;
      }
      const authorship = authorshipOf(snapshot, publications);
      const held = publications.flatMap((publication) =>
        heldIn(publication, { paths, authorship, snapshot }),
      );
      return verdictOf(held, { ledger, publications, notes, snapshot, count: paths.length });
    });
  });
}

/** A lease of another with what the change touches of it. */
interface Held {
  readonly lease: LedgerLease;
  readonly publication: Publication;
  readonly paths: readonly string[];
}

interface Search {
  readonly paths: readonly string[];
  readonly authorship: Authorship;
  readonly snapshot: Snapshot;
}

function heldIn(
  publication: Publication,
  { paths, authorship, snapshot }: Search,
): readonly Held[] {
  return liveLeases(publication, snapshot)
    .map((lease) => ({
      lease,
      publication,
      paths: touchedOf(touchingOf(lease, publication, paths)).filter(
        (path) => !authorship.isOwn(path, lease, publication),
      ),
    }))
    .filter((held) => held.paths.length > 0);
}

function liveLeases({ leases }: Publication, { nowMs }: Snapshot): readonly LedgerLease[] {
  return leases.filter(({ untilMs }) => untilMs === null || untilMs > nowMs);
}

function touchingOf(
  { patterns }: LedgerLease,
  { caseInsensitive }: Publication,
  paths: readonly string[],
): Touching {
  return { patterns, paths, caseInsensitive };
}

interface Context {
  readonly ledger: Ledger;
  readonly publications: readonly Publication[];
  readonly notes: readonly string[];
  readonly snapshot: Snapshot;
  readonly count: number;
}

function verdictOf(held: readonly Held[], context: Context): Verdict {
  const exclusive = held.filter(({ lease }) => lease.mode === "exclusive");
  const shared = held.filter(({ lease }) => lease.mode === "shared");
  const warnings = [
    ...context.notes,
    ...context.publications.flatMap(({ omitted }) =>
      omitted > 0
        ? [
            `The ledger leaves out ${entriesText(omitted)}: it was too large, or they made no sense.`,
          ]
        : [],
    ),
    ...shared.map((each) => `Shared: ${heldText(each, context)}`),
  ];
  const places = [
    ...exclusive.flatMap((each) => placesOf(each, context)),
    ...shared.flatMap((each) => placesOf(each, context)),
  ];
  const [first] = exclusive;
  if (first === undefined) {
    return passes(passText(context), warnings, places);
  }
  const more = exclusive.length - 1;
  return fails({
    reason: `${heldText(first, context)}${more > 0 ? ` And ${counted(more, "more lease")} of others.` : ""}`,
    fix: fixOf(first, context),
    details: more > 0 ? exclusive.map((each) => heldText(each, context)) : [],
    warnings,
    places,
  });
}

/** Each file that the lease covers, with who holds it. */
function placesOf(held: Held, context: Context): readonly RulePlace[] {
  return held.paths.map((path) => ({
    path,
    line: null,
    says: heldText({ ...held, paths: [path] }, context),
    isWarning: held.lease.mode === "shared",
  }));
}

function passText({ ledger, publications, snapshot, count }: Context): string {
  const newest = publications.toSorted((one, two) => two.publishedAtMs - one.publishedAtMs)[0];
  const source = newest === undefined ? "" : ` (${sourceText(ledger, newest, snapshot.nowMs)})`;
  return `No other session holds any of the ${counted(count, "path")}${source}.`;
}

/** Who holds what, for which task, until when, and how old that news is. The holder's own words are quoted. */
function heldText({ lease, publication, paths }: Held, { ledger, snapshot }: Context): string {
  const { name, session, task, reason, branch } = lease;
  const work = task === null ? "" : ` for task ${shown(task)}`;
  const where = branch === null ? "" : ` on branch ${shown(branch)}`;
  const words = reason === "" ? "" : ` ("${shown(reason).replaceAll('"', "'")}")`;
  const source = sourceText(ledger, publication, snapshot.nowMs);
  const verb = paths.length === 1 ? "is" : "are";
  return `${listed(paths)} ${verb} held by ${shown(name)} (${shown(session)})${work}${where}${words} ${untilText(lease)}; ${source}.`;
}

function untilText({ untilMs, isLanding }: LedgerLease): string {
  if (isLanding) {
    return "until that work is integrated";
  }
  return untilMs === null
    ? "while its holder waits for a person"
    : `until ${clockText(untilMs)} unless renewed`;
}

function fixOf({ lease, paths }: Held, { ledger }: Context): string {
  const anew = ledger.source === "live" ? "" : ", then let them run `skein github publish`";
  if (lease.isLanding) {
    return `Wait until ${shown(lease.task ?? lease.id)} is integrated (\`skein integrate\`)${anew}; no push is needed here.`;
  }
  return `Ask ${shown(lease.name)} (${shown(lease.session)}) to hand over or release ${listed(paths, 2)} (${shown(lease.id)})${anew}; no push is needed here.`;
}

function entriesText(count: number): string {
  return count === 1 ? "1 entry" : `${String(count)} entries`;
}

import { sessionLabel, leaseView, refusedView, taskOfLease } from "./lease-view.ts";
import type { Lease, LeaseVerdict } from "../../core/leases/index.ts";
import { toPatterns } from "../paths.ts";
import type { Looking, LookAt } from "./look.ts";
import { isoOrNull, preview } from "./text.ts";
import { patternText } from "../../core/leases/index.ts";
import { clip } from "./text.ts";

/** All live leases, or what the ledger says of one path. */
export const lookAtFiles: LookAt = async (skein, { id, place, session }): Promise<Looking> => {
  if (id !== null) {
    const paths = toPatterns(place, [id]).map((path) => path.replace(/\/$/u, ""));
    const verdicts = await skein.dispatch.check(session, paths);
    return {
      data: {
        paths: [...verdicts].map(([path, verdict]) => ({ path, ...verdictView(verdict) })),
      },
      next: "Lease free paths with claim_files before you edit them.",
    };
  }
  return skein.store.read(async (reader) => {
    const leases = await skein.leases.list(reader);
    const ids = [...new Set(leases.map((lease) => lease.session))];
    const holders = await skein.sessions.renewals(reader, ids);
    const nameOf = (lease: Lease): string =>
      sessionLabel(lease.session, holders.get(lease.session)?.name ?? lease.session);
    return {
      data: { ...preview(leases, (lease) => leaseRow(lease, nameOf(lease))) },
      next: 'look {at: "files", id: "src/a.ts"} tells whether a path is free for you.',
    };
  });
};

/** A lease in one row, as others see it. */
interface LeaseRow {
  readonly id: string;
  readonly paths: string;
  readonly holder: string;
  readonly task: string | null;
  readonly until: string | null;
}

function leaseRow(lease: Lease, holder: string): LeaseRow {
  const paths = lease.patterns.map((pattern) => patternText(pattern)).join(" ");
  const shared = lease.mode === "shared" ? " (shared)" : "";
  return {
    id: lease.id,
    paths: clip(paths, 120) + shared,
    holder,
    task: taskOfLease(lease),
    until: isoOrNull(lease.untilMs),
  };
}

function verdictView(verdict: LeaseVerdict): Readonly<Record<string, unknown>> {
  switch (verdict.kind) {
    case "free":
      return { state: "free" };
    case "own":
    case "covered":
      return { state: verdict.kind, lease: leaseView(verdict.lease) };
    case "foreign":
      return { state: "foreign", held: refusedView(verdict.refusal) };
    default:
      return verdict satisfies never;
  }
}

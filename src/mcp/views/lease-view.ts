import { patternText } from "../../core/leases/index.ts";
import type { Lease, Refusal } from "../../core/leases/index.ts";
import { clip, clipToBytes, isoOrNull, withinBytes } from "./text.ts";

/** A lease as its holder sees it. */
export interface LeaseView {
  readonly id: string;
  readonly paths: readonly string[];
  readonly mode: string;
  /** Null lasts until the work is integrated. */
  readonly until: string | null;
}

/** The paths share so many bytes. */
export function leaseView(lease: Lease, roomBytes = 2_000): LeaseView {
  const paths = lease.patterns.map((pattern) => patternText(pattern));
  return {
    id: lease.id,
    paths: withinBytes(paths, roomBytes),
    mode: lease.mode,
    until: isoOrNull(lease.untilMs),
  };
}

/** Several leases, whose paths share so many bytes. */
export function leaseViews(leases: readonly Lease[], roomBytes: number): readonly LeaseView[] {
  const shown = leases.slice(0, 8);
  return shown.map((lease) => leaseView(lease, Math.floor(roomBytes / shown.length) - 80));
}

/** A path that another session holds: who, for what, until when. `reason` is the holder's own text. */
export interface RefusedView {
  readonly path: string;
  readonly holder: string;
  readonly until: string | null;
  readonly reason: string;
  readonly task: string | null;
  readonly branch: string | null;
}

export function refusedView({
  path,
  by,
  holder,
  holderName,
  untilMs,
  reason,
}: Refusal): RefusedView {
  return {
    path: clip(path, 160),
    holder: sessionLabel(holder, holderName),
    until: isoOrNull(untilMs),
    reason: clipToBytes(reason, 240),
    task: by === null ? null : taskOfLease(by),
    branch: by?.branch === undefined || by.branch === null ? null : clip(by.branch, 100),
  };
}

/** `PLAN/T1` for a lease of a claim, else null. */
export function taskOfLease({ plan, task }: Lease): string | null {
  return plan === null || task === null ? null : `${plan}/${task}`;
}

/** `s3 grace`: the id to write to, and the name for people. */
export function sessionLabel(id: string, name: string): string {
  return name === id ? id : `${id} ${clip(name, 40)}`;
}

import type { Event } from "../events/index.ts";

/** Which events are asked for; null: any. */
export interface AuditFilter {
  /** From this time on, in epoch milliseconds. */
  readonly sinceMs: number | null;
  /** Before this time. */
  readonly untilMs: number | null;
  /** The whole actor, as `session:s7` or `person:ana`. */
  readonly actor: string | null;
  /** The id of the principal who asked a server for it, as `token:t3`. */
  readonly principal: string | null;
  /** A kind, as `task.claimed`, or its noun, as `task`. */
  readonly kind: string | null;
}

export function isWanted(event: Event, filter: AuditFilter): boolean {
  const { sinceMs, untilMs, actor, principal, kind } = filter;
  return (
    event.atMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) &&
    event.atMs < (untilMs ?? Number.POSITIVE_INFINITY) &&
    fits(actor, event.actor) &&
    fits(principal, event.by?.principal) &&
    (fits(kind, event.kind) || event.kind.startsWith(`${String(kind)}.`))
  );
}

function fits(wanted: string | null, found: string | undefined): boolean {
  return wanted === null || wanted === found;
}

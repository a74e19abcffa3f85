import type { Event } from "../../core/events/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import type { Looking, LookAt } from "./look.ts";
import { clip, isoTime } from "./text.ts";

/** An event in one row: what happened, to what, by whom. */
export interface EventRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  /** What it changed, as `plan/T1 L3`; the first four. */
  readonly on: string;
}

export function eventRow({ seq, atMs, kind, actor, changes }: Event): EventRow {
  const on = changes.slice(0, 4).map(({ id }) => id);
  return {
    seq,
    at: isoTime(atMs),
    kind,
    by: clip(actor, 40),
    on: clip(on.join(" ") + (changes.length > 4 ? " …" : ""), 80),
  };
}

/** What the log says after a place in it. */
export interface Changes {
  readonly rows: readonly EventRow[];
  /** Where the next look continues. */
  readonly cursor: number;
  /** True when there is more after these. */
  readonly more: boolean;
}

export interface ChangesRequest {
  readonly since: number;
  /** Only events that touch this: `plan`, `plan/T1`, `L3`. */
  readonly about?: string | undefined;
}

const mostRows = 20;
const mostRead = 500;

/** The next rows after a place in the log; of one thing when it is named. @throws {SkeinError} SKN-5201, SKN-5202. */
export async function changesSince(
  skein: Skein,
  reader: Reader,
  { since, about }: ChangesRequest,
): Promise<Changes> {
  await skein.events.ensureReached(reader, since);
  const events = await skein.events.after(reader, since, mostRead);
  const chosen = about === undefined ? events : events.filter((event) => touches(event, about));
  const shown = chosen.slice(0, mostRows);
  const isCut = chosen.length > shown.length;
  const last = isCut ? shown.at(-1) : events.at(-1);
  return {
    rows: shown.map((event) => eventRow(event)),
    cursor: last?.seq ?? since,
    more: isCut || events.length === mostRead,
  };
}

/** True for events on the thing itself and, for a plan, on its tasks. */
export function touches({ changes }: Event, about: string): boolean {
  return changes.some(({ id }) => id === about || id.startsWith(`${about}/`));
}

export const lookAtEvents: LookAt = async (skein, { id, since }): Promise<Looking> =>
  skein.store.read(async (reader) => {
    const head = await skein.events.head(reader);
    const archived = await skein.events.archivedTo(reader);
    const from = since ?? Math.max(archived.seq, head.seq - mostRows);
    const changes = await changesSince(skein, reader, { since: from, about: id ?? undefined });
    return {
      data: { ...changes },
      next: changes.more
        ? `There is more: look {at: "events", since: ${String(changes.cursor)}}.`
        : `Later: look {at: "events", since: ${String(changes.cursor)}}.`,
    };
  });

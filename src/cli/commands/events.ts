import type { StoredProject } from "../project.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isoTime } from "../../core/base/iso.ts";
import type { Json, JsonObject } from "../../core/base/json.ts";
import { systemTimer } from "../../adapters/process/timer.ts";
import { createEventFeed, replay } from "../../core/index.ts";
import { eventJson } from "../../core/events/index.ts";
import type { Event } from "../../core/index.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { wantedKind } from "../event-kind.ts";
import { printRecord } from "../output.ts";
import { withStore } from "../project.ts";
import { clip } from "../views.ts";
import { needOwnMachine } from "../within.ts";

const pageSize = 1_000;

/** `skein events`: the log, a stream of it, what led to one of its events, or the state at it. */
export async function events(call: Call): Promise<Answer | number> {
  wantedKind(call.options);
  if (call.options.flag("follow")) {
    // A server tells its events as a stream of their own.
    needOwnMachine(call.io.within, "Following the log as output of a command");
  }
  return withStore(call, async (project) => {
    const [why, at] = [call.options.number("why"), call.options.number("at")];
    if (why !== null) {
      return causesOf(project, why);
    }
    if (at !== null) {
      return stateAt(project, at);
    }
    return call.options.flag("follow") ? follow(call, project) : list(call, project);
  });
}

async function list(call: Call, project: StoredProject): Promise<Answer> {
  const since = await startOf(call, project);
  const limit = call.options.number("limit") ?? pageSize;
  const wanted = await wantedAfter(call, project, { since, count: limit + 1 });
  const found = wanted.slice(0, limit);
  const last = found.at(-1)?.seq ?? since;
  if (wanted.length > limit && !call.globals.json) {
    call.io.warn(`There is more: go on with \`--since ${String(last)}\`.`);
  }
  return {
    data: { events: found.map(eventJson), next_since: last },
    lines: found.length === 0 ? ["No events."] : found.map(eventLine),
  };
}

/** The first events of the wanted kind, at least `count` where there are so many. */
async function wantedAfter(
  call: Call,
  project: StoredProject,
  { since, count }: { readonly since: number; readonly count: number },
): Promise<readonly Event[]> {
  const found: Event[] = [];
  let seq = since;
  while (found.length < count) {
    const page = await pageAfter(project, seq);
    found.push(...page.filter(isWanted(call)));
    seq = page.at(-1)?.seq ?? seq;
    if (page.length < pageSize) {
      break;
    }
  }
  return found;
}

/** Prints what comes until the process is asked to stop; each event is one line of JSON with `--json`. */
async function follow(call: Call, project: StoredProject): Promise<number> {
  const { signal } = call.io;
  let left = call.options.number("limit") ?? Number.POSITIVE_INFINITY;
  const feed = createEventFeed({ ...project.skein, timer: systemTimer });
  for await (const page of feed.follow(await startOf(call, project), signal)) {
    for (const event of page.filter(isWanted(call)).slice(0, left)) {
      print(event, call);
      left -= 1;
    }
    if (left <= 0) {
      break;
    }
  }
  return signal.aborted ? 130 : 0;
}

/** `--since`, else the oldest event that was not archived. @throws {SkeinError} SKN-5202. */
async function startOf({ options }: Call, { skein }: StoredProject): Promise<number> {
  const since = options.number("since");
  return skein.store.read(async (reader) => {
    if (since === null) {
      return (await skein.events.archivedTo(reader)).seq;
    }
    await skein.events.ensureReached(reader, since);
    return since;
  });
}

function pageAfter({ skein }: StoredProject, seq: number): Promise<readonly Event[]> {
  return skein.store.read((reader) => skein.events.after(reader, seq, pageSize));
}

function isWanted({ options }: Call): (event: Event) => boolean {
  const kind = wantedKind(options);
  return (event) => kind === null || event.kind === kind || event.kind.startsWith(`${kind}.`);
}

function print(event: Event, { globals, io }: Call): void {
  if (globals.json) {
    printRecord(eventJson(event), io);
  } else {
    io.write(`${eventLine(event)}\n`);
  }
}

/** What a line tells of an event. */
export interface LinedEvent extends Pick<Event, "seq" | "atMs" | "kind" | "cause" | "data"> {
  readonly actor: string;
  readonly changes: readonly { readonly entity: string; readonly id: string }[];
}

/** The longest kinds have so many characters. */
const longestKind = 20;

/** One event in one line for people. */
export function eventLine(event: LinedEvent): string {
  const { seq, atMs, kind, actor, cause, data, changes } = event;
  const about = changes.slice(0, 3).map(({ entity, id }) => `${entity} ${id}`);
  const more = changes.length > 3 ? [`and ${String(changes.length - 3)} more`] : [];
  const facts = Object.keys(data).length === 0 ? "" : ` ${clip(JSON.stringify(data), 120)}`;
  const because = cause === null ? "" : ` because of ${String(cause)}`;
  return `${String(seq).padStart(5)}  ${isoTime(atMs)}  ${kind.padEnd(longestKind)}  ${actor}  ${[...about, ...more].join(", ")}${facts}${because}`;
}

/** A wait for the log to grow, with a look every second in case a ring is lost. */
export function ringing(
  { skein }: StoredProject,
  signal: AbortSignal,
): { next(): Promise<void>; stop(): void } {
  let hasRung = false;
  let wake: (() => void) | null = null;
  const ring = (): void => {
    hasRung = true;
    wake?.();
  };
  const unwatch = skein.events.watch(ring);
  signal.addEventListener("abort", ring);
  return {
    next: async () => {
      if (!hasRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1_000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
    },
    stop: () => {
      signal.removeEventListener("abort", ring);
      unwatch();
    },
  };
}

/** @throws {SkeinError} SKN-5009 for a number beyond the last event, or before the first that was not archived. */
async function checkKept(
  { store, events: log }: StoredProject["skein"],
  at: number,
): Promise<void> {
  const { first, last } = await store.read(async (reader) => ({
    first: (await log.archivedTo(reader)).seq,
    last: (await log.head(reader)).seq,
  }));
  if (at > last || (at > 0 && at < first)) {
    throw new SkeinError(cliErrors.noSuchEvent, {
      message:
        at > last
          ? `There is no event ${String(at)}: the last one is ${String(last)}.`
          : `Event ${String(at)} was archived: the log begins after ${String(first)}.`,
      facts: { at, first, last },
    });
  }
}

/** An event and those that led to it, back to the first that is still in the log. */
async function causesOf({ skein }: StoredProject, of: number): Promise<Answer> {
  await checkKept(skein, of);
  const { chain, archived } = await skein.store.read(async (reader) => {
    const first = (await skein.events.archivedTo(reader)).seq;
    const found: Event[] = [];
    let seq: number | null = of;
    while (seq !== null && seq > first) {
      const [event]: readonly Event[] = await skein.events.after(reader, seq - 1, 1);
      seq = event?.cause ?? null;
      found.push(...(event === undefined ? [] : [event]));
    }
    return { chain: found, archived: seq };
  });
  const end = archived === null ? [] : [`Event ${String(archived)} was archived.`];
  return {
    data: { events: chain.map(eventJson), archived_cause: archived },
    lines: [...chain.map(eventLine), ...end],
  };
}

async function stateAt({ skein }: StoredProject, at: number): Promise<Answer> {
  await checkKept(skein, at);
  const past: Event[] = [];
  for (let seq = 0; seq < at;) {
    const from = seq;
    const page = await skein.store.read((reader) =>
      skein.events.after(reader, from, Math.min(pageSize, at - from)),
    );
    past.push(...page);
    if (page.length === 0) {
      break;
    }
    seq = page.at(-1)?.seq ?? at;
  }
  const last = past.at(-1);
  const state: Record<string, Json> = {};
  for (const [kind, entities] of replay(past)) {
    state[kind] = Object.fromEntries(entities);
  }
  const data: JsonObject = {
    seq: last?.seq ?? 0,
    at: last === undefined ? null : isoTime(last.atMs),
    state,
  };
  return { data, lines: JSON.stringify(data, null, 2).split("\n") };
}

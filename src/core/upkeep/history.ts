import type { Json, JsonObject } from "../base/json.ts";
import { replay } from "../events/index.ts";
import type { EntityChange, Event } from "../events/index.ts";
import { canMove, isTaskStatus } from "../plans/index.ts";
import type { StateFacts } from "./state-facts.ts";
import { storedEntities } from "./state-facts.ts";
import type { Violation } from "./upkeep.ts";

/** What the log says happened: writes under fences (4), the state it adds up to (5), moves of tasks (7), grants (3). */
export function checkHistory(facts: StateFacts): readonly Violation[] {
  return [...walkTasks(facts), ...facts.events.flatMap(checkGrants), ...checkReplay(facts)];
}

/** A fence in a grant is the number of the event that grants it. */
function checkGrants(event: Event): Violation[] {
  return event.changes
    .filter(isGrant)
    .filter(({ set }) => set["fence"] !== event.seq)
    .map(({ entity, id, set }) => ({
      invariant: 3,
      text: `Event ${String(event.seq)} grants ${entity} ${id} under another number than its own.`,
      facts: { seq: event.seq, id, fence: set["fence"] ?? null },
    }));
}

function isGrant({ entity, set }: EntityChange): boolean {
  if (entity === "task") {
    return set["status"] === "claimed";
  }
  return entity === "lease" && "from" in set && set["released_at"] === null;
}

interface KnownTask {
  readonly status: Json | undefined;
  readonly fence: Json | undefined;
  readonly session: Json | undefined;
}

const underClaim: ReadonlySet<string> = new Set([
  "task.progressed",
  "task.submitted",
  "task.released",
]);

/** Follows each task through the log. What it was before the live log began is not known. */
function walkTasks({ events }: StateFacts): Violation[] {
  const faults: Violation[] = [];
  const tasks = new Map<string, KnownTask>();
  for (const event of events) {
    for (const { entity, id, set } of event.changes) {
      if (entity === "task") {
        const before = tasks.get(id);
        faults.push(
          ...checkMove(event, { id, set, before }),
          ...checkFence(event, { id, set, before }),
        );
        tasks.set(id, {
          status: set["status"] ?? before?.status,
          fence: "fence" in set ? set["fence"] : before?.fence,
          session: "session" in set ? set["session"] : before?.session,
        });
      }
    }
  }
  return faults;
}

interface TaskStep {
  readonly id: string;
  readonly set: JsonObject;
  readonly before: KnownTask | undefined;
}

function checkMove(event: Event, { id, set, before }: TaskStep): Violation[] {
  const from = before?.status;
  const to = set["status"];
  if (typeof from !== "string" || typeof to !== "string" || from === to) {
    return [];
  }
  if (isTaskStatus(from) && isTaskStatus(to) && canMove(from, to)) {
    return [];
  }
  const text = `${id} moved from ${from} to ${to}, which its machine does not allow.`;
  return [{ invariant: 7, text, facts: { task: id, seq: event.seq, from, to } }];
}

function checkFence(event: Event, { id, before }: TaskStep): Violation[] {
  if (!underClaim.has(event.kind) || before?.fence === undefined) {
    return [];
  }
  const { fence = before.fence, session = before.session } = event.data;
  if (fence === before.fence && session === before.session && before.status === "claimed") {
    return [];
  }
  const text = `${event.kind} of ${id} was accepted under fence ${JSON.stringify(fence)}, not the current one.`;
  return [
    {
      invariant: 4,
      text,
      facts: { task: id, seq: event.seq, fence, current: before.fence ?? null },
    },
  ];
}

/** Fields that change without an event: renewals, and what follows from them. */
const unlogged: ReadonlySet<string> = new Set(["until"]);

/** The state that the log adds up to is the stored one. Where a part of the log was archived, rows may have gone with it. */
function checkReplay(facts: StateFacts): Violation[] {
  const replayed = replay(facts.events);
  const mayBeGone = facts.archivedTo.seq > 0;
  return [...storedEntities(facts)].flatMap(([entity, stored]) =>
    [...(replayed.get(entity) ?? [])]
      .filter(([id]) => stored.has(id) || !mayBeGone)
      .flatMap(([id, said]) => compare({ entity, id, said, stored: stored.get(id) ?? {} })),
  );
}

interface Comparison {
  readonly entity: string;
  readonly id: string;
  readonly said: JsonObject;
  /** Empty when the state does not have it. */
  readonly stored: JsonObject;
}

function compare({ entity, id, said, stored }: Comparison): Violation[] {
  const field = firstDifference(said, stored);
  if (field === null) {
    return [];
  }
  const text = `The log and the stored state of ${entity} ${id} differ in \`${field}\`.`;
  const differing = { log: said[field] ?? null, stored: stored[field] ?? null };
  return [{ invariant: 5, text, facts: { entity, id, field, ...differing } }];
}

function firstDifference(said: JsonObject, stored: JsonObject): string | null {
  for (const [field, value] of Object.entries(said)) {
    if (!unlogged.has(field) && !agrees(value, stored[field])) {
      return field;
    }
  }
  return null;
}

/** The log may say less of a thing than the state, never something else. */
function agrees(said: Json, stored: Json | undefined): boolean {
  if (typeof said !== "object" || said === null) {
    return said === stored;
  }
  if (typeof stored !== "object" || stored === null) {
    return false;
  }
  if (isList(said) || isList(stored)) {
    return (
      isList(said) &&
      isList(stored) &&
      said.length === stored.length &&
      said.every((item, index) => agrees(item, stored[index]))
    );
  }
  const record = stored;
  return Object.entries(said).every(([key, value]) => agrees(value, record[key]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

import type { Json, JsonObject } from "../base/json.ts";
import type { EntityKind, Event } from "./event.ts";

/** What the log says of every entity, by kind and id. */
export type ReplayedState = ReadonlyMap<EntityKind, ReadonlyMap<string, JsonObject>>;

/**
 * Rebuilds the state as it was after the given events, which are the project's first ones in order.
 *
 * Each change merges its fields over the entity's; nothing is ever deleted. Renewals are no events, so expiry times are those of the
 * last event that touched the entity.
 */
export function replay(events: Iterable<Event>): ReplayedState {
  const state = new Map<EntityKind, Map<string, JsonObject>>();
  for (const event of events) {
    for (const change of event.changes) {
      const entities = state.get(change.entity) ?? new Map<string, JsonObject>();
      state.set(change.entity, entities);
      entities.set(change.id, merge(entities.get(change.id), change.set));
    }
  }
  return state;
}

function merge(before: JsonObject | undefined, set: JsonObject): JsonObject {
  const merged: Record<string, Json> = Object.create(null);
  Object.assign(merged, before);
  Object.assign(merged, set);
  return merged;
}

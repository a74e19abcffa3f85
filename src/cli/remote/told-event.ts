import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { LinedEvent } from "../commands/events.ts";

/** An event as a server tells it: the same JSON as `skein events --json` prints. */
export function parseToldEvent(text: string): JsonObject {
  const event: JsonObject = JSON.parse(text);
  return event;
}

/** What a line for people shows of it. */
export function linedEvent(event: JsonObject): LinedEvent {
  const { seq, cause, data, changes } = event;
  return {
    seq: typeof seq === "number" ? seq : 0,
    atMs: Date.parse(ownText(event, "at") ?? ""),
    kind: ownText(event, "kind") ?? "",
    actor: ownText(event, "actor") ?? "",
    cause: typeof cause === "number" ? cause : null,
    data: isJsonObject(data) ? data : {},
    changes: Array.isArray(changes) ? changes.map((change: unknown) => changeOf(change)) : [],
  };
}

function isJsonObject(value: unknown): value is JsonObject {
  return isLooseObject(value);
}

function changeOf(change: unknown): LinedEvent["changes"][number] {
  const object = isLooseObject(change) ? change : {};
  return { entity: String(ownValue(object, "entity")), id: String(ownValue(object, "id")) };
}

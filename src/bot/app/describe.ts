import { isRepositoryName } from "../../core/hosting/index.ts";
import type { NewDelivery, RepositoryName } from "../../core/hosting/index.ts";
import { ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { appEvents } from "./manifest.ts";

/** An event as GitHub sends it. */
export interface RawEvent {
  readonly guid: string;
  readonly event: string;
  /** JSON as it came. */
  readonly text: string;
  /** The same, parsed. */
  readonly payload: LooseObject;
}

const wanted: ReadonlySet<string> = new Set(appEvents);

/** Says what the queue needs to know of an event. */
export function describeDelivery({ guid, event, text, payload }: RawEvent): NewDelivery {
  const name = ownText(ownObject(payload, "repository"), "full_name") ?? "";
  const repository = isRepositoryName(name) ? name : null;
  const number = numberIn(payload);
  const place = repository?.toLowerCase() ?? "";
  const about = repository === null ? null : aboutOf({ event, payload, repository });
  return {
    guid,
    event,
    repository,
    lane: number === null ? place : `${place}#${String(number)}`,
    about,
    // A head comes again, as when its draft is made ready.
    isOnce: about !== null && !about.startsWith("head "),
    payload: text,
    isIdle: repository === null || !wanted.has(event),
  };
}

/** Where something happened. */
interface Happened {
  readonly event: string;
  readonly payload: LooseObject;
  readonly repository: RepositoryName;
}

const headActions: ReadonlySet<string> = new Set([
  "opened",
  "reopened",
  "synchronize",
  "ready_for_review",
]);

/** What an event is about, in words that are the same wherever it is heard of: a head, a comment, a new issue. */
export function aboutOf({ event, payload, repository }: Happened): string | null {
  const action = ownText(payload, "action") ?? "";
  const place = repository.toLowerCase();
  const number = String(numberIn(payload) ?? 0);
  if (event === "pull_request" && headActions.has(action)) {
    const sha = ownText(ownObject(ownObject(payload, "pull_request"), "head"), "sha") ?? "";
    return `head ${place}#${number} ${sha}`;
  }
  if (event === "issues" && action === "opened") {
    return `issue ${place}#${number}`;
  }
  if (event.endsWith("_comment") && action === "created") {
    return `${event} ${place} ${String(ownValue(ownObject(payload, "comment"), "id"))}`;
  }
  return null;
}

function numberIn(payload: LooseObject): number | null {
  for (const key of ["pull_request", "issue"]) {
    const number = ownValue(ownObject(payload, key), "number");
    if (typeof number === "number" && Number.isSafeInteger(number)) {
      return number;
    }
  }
  return null;
}

import type { ModelEvent, OnModelEvent } from "./policies/model-event.ts";

/** What the policies around the models did that a reader of the result should know. */
export interface Remarks {
  readonly onEvent: OnModelEvent;
  /** Each once, as sentences. */
  all(): readonly string[];
}

/** @param onRemark told each sentence when it is new. */
export function createRemarks(onRemark: (sentence: string) => void): Remarks {
  const all = new Set<string>();
  return {
    onEvent: (event) => {
      const sentence = sentenceOf(event);
      if (sentence !== null && !all.has(sentence)) {
        all.add(sentence);
        onRemark(sentence);
      }
    },
    all: () => [...all],
  };
}

/** A failover is told by the seat that it renames, a call that fails for good by the seat that fails. */
function sentenceOf(event: ModelEvent): string | null {
  switch (event.kind) {
    case "waiting":
      return `Calls of ${event.request.model.name} waited for its rate limit.`;
    case "breaker":
      return event.isOpen
        ? `${event.provider} failed too often in a row, and was not asked for a while.`
        : null;
    case "retrying":
    case "failing_over":
    case "redacted":
    case "waited":
    case "called":
      return null;
    default:
      return event satisfies never;
  }
}

import type { Probe } from "../store/index.ts";

/** Where the log stands, for `Events.startAt`; both are null before the first event. */
export const eventProbes = {
  lastSeq: { sql: "SELECT last_seq FROM event_heads WHERE project = ?", about: ["project"] },
  lastHash: { sql: "SELECT last_hash FROM event_heads WHERE project = ?", about: ["project"] },
} as const satisfies Readonly<Record<string, Probe>>;

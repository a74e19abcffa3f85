import type { BusHealth } from "../../core/events/index.ts";

/** What a bus knows of its two ways. */
export interface Health {
  readonly now: () => BusHealth;
  tell(part: "send" | "listen", reason: string | null): void;
  /** Nobody listens any more: what went wrong with it says nothing of the bus. */
  rest(): void;
}

export function createHealth(
  kind: BusHealth["kind"],
  onChange: (health: BusHealth) => void,
): Health {
  const reasons = new Map<"send" | "listen", string>();
  let now: BusHealth = { kind, state: "idle", sinceMs: Date.now(), reason: null };
  return {
    now: () => now,
    rest: () => {
      const wasDeaf = reasons.delete("listen");
      if (wasDeaf && reasons.size === 0) {
        now = { kind, state: "idle", sinceMs: Date.now(), reason: null };
      }
    },
    tell: (part, reason) => {
      if (reason === null) {
        reasons.delete(part);
      } else {
        reasons.set(part, reason);
      }
      const [first = null] = reasons.values();
      const state = first === null ? "well" : "down";
      const isNews = state !== now.state;
      now = { kind, state, sinceMs: isNews ? Date.now() : now.sinceMs, reason: first };
      if (isNews) {
        onChange(now);
      }
    },
  };
}

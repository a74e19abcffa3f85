import type { Skein } from "../core/index.ts";
import { gauge } from "../core/metrics/index.ts";
import type { Family } from "../core/metrics/index.ts";
import { withinWait } from "../adapters/process/within-wait.ts";

/** Checks the hash chain of each project's log from time to time, beside what the server does. */
interface ChainWatch {
  /** What the last whole check found; the first is waited for, for 2 seconds at most. Begins the next one when it is due. */
  look(project: string, skein: Pick<Skein, "store" | "events">): Promise<readonly Family[]>;
}

/** A whole log is read each time: once an hour is often enough for what happens once. */
const everyMs = 3_600_000;

interface Checked {
  startedMs: number;
  endedMs: number | null;
  isSound: boolean;
  /** The check that was begun last. */
  running: Promise<void>;
}

export function createChainWatch(nowMs: () => number = () => performance.now()): ChainWatch {
  const all = new Map<string, Checked>();
  return {
    look: async (project, skein) => {
      const before = all.get(project);
      if (before === undefined || before.startedMs + everyMs <= nowMs()) {
        const checked = before ?? fresh();
        checked.startedMs = nowMs();
        all.set(project, checked);
        checked.running = check(checked, skein, nowMs);
      }
      const latest = all.get(project);
      if (latest?.endedMs === null) {
        await withinWait(latest.running);
      }
      return familiesOf(all.get(project), nowMs());
    },
  };
}

function fresh(): Checked {
  return { startedMs: 0, endedMs: null, isSound: true, running: Promise.resolve() };
}

async function check(
  checked: Checked,
  { store, events }: Pick<Skein, "store" | "events">,
  nowMs: () => number,
): Promise<void> {
  try {
    const { faults } = await store.read(async (reader) => events.check(reader));
    checked.isSound = faults.length === 0;
    checked.endedMs = nowMs();
  } catch {
    // The store was away: the next look begins anew.
    checked.startedMs = Number.NEGATIVE_INFINITY;
  }
}

function familiesOf(checked: Checked | undefined, nowMs: number): readonly Family[] {
  if (checked === undefined || checked.endedMs === null) {
    return [];
  }
  return [
    gauge(
      "skein_audit_chain_ok",
      "1 when the last whole check of the log found every event in its chain.",
      checked.isSound ? 1 : 0,
    ),
    gauge(
      "skein_audit_check_age_seconds",
      "How long ago that check ended.",
      (nowMs - checked.endedMs) / 1_000,
    ),
  ];
}

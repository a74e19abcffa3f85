import { closeAll } from "./base/closing.ts";
import type { Timer } from "./base/timer.ts";
import { createCoordination, migrations } from "./coordination.ts";
import type { Coordination, CoordinationDeps } from "./coordination.ts";
import { createIntegration } from "./integration/index.ts";
import type { Integration, Workspace } from "./integration/index.ts";
import { createMeter, createRecorder, meterStore } from "./metrics/index.ts";
import type { Recorder } from "./metrics/index.ts";
import { createReviews } from "./review/index.ts";
import type { Reviews } from "./review/index.ts";
import { createUpkeep } from "./upkeep/index.ts";
import type { ArchiveShelf, Upkeep } from "./upkeep/index.ts";

/** One project's Skein: coordination, and the use cases above it. */
export interface Skein extends Coordination {
  readonly integration: Integration;
  readonly upkeep: Upkeep;
  readonly reviews: Reviews;
  /** Takes what the faces measure, and tells what this process has. */
  readonly meter: Omit<Recorder, "close">;
  /** Writes what was measured, and closes the store and the doorbell. */
  close(): Promise<void>;
}

export interface SkeinDeps extends CoordinationDeps {
  readonly workspace: Workspace;
  /** Where archived rows go; null: nothing is archived. */
  readonly shelf: ArchiveShelf | null;
  /** Patterns, as people write them, of paths that need no lease because a tool writes them. */
  readonly exempt: readonly string[];
  /** The memory of this process in bytes. Default: nobody can tell. */
  readonly memoryBytes?: (() => number | null) | undefined;
  /** Waits for the next flush of what was measured, and keeps no process alive for it. Default: `timer`. */
  readonly flushTimer?: Timer | undefined;
}

/** Puts one project's Skein together over an open store. */
export function createSkein(deps: SkeinDeps): Skein {
  const { timer, random, policy, workspace, memoryBytes = () => null, flushTimer = timer } = deps;
  const meter = createMeter();
  const store = meterStore(deps.store, meter, timer);
  const coordination = createCoordination({ ...deps, store });
  const recorder = createRecorder({
    metrics: coordination.metrics,
    meter,
    store: deps.store,
    timer: flushTimer,
    memoryBytes,
  });
  const exempt = deps.exempt.map((text) => coordination.parsePath(text));
  const paths = { parse: (text: string) => coordination.parsePath(text) };
  const reviews = createReviews(coordination);
  const parts = { ...coordination, timer, random, policy };
  return {
    ...coordination,
    integration: createIntegration({ ...parts, workspace, paths, exempt }),
    upkeep: createUpkeep({ ...coordination, reviews, migrations, policy, shelf: deps.shelf }),
    reviews,
    meter: recorder,
    close: async () => {
      await closeAll([
        async () => recorder.close(),
        () => {
          deps.doorbell.close();
        },
        async () => store.close(),
      ]);
    },
  };
}

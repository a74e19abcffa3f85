import type { PresetName, ReviewRequest, SkipOptions } from "./core/review/index.ts";
import { phaseMsFor } from "./core/models/index.ts";
import type { Model } from "./core/models/index.ts";
import { longestTryMs } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** What a face asks beside the settings. */
interface Asked {
  /** Null: what the settings say. */
  readonly preset: PresetName | null;
  readonly skip?: SkipOptions | undefined;
}

export type ReviewWishes = Pick<
  ReviewRequest,
  "preset" | "seats" | "members" | "thresholds" | "limits" | "phaseMs" | "mayFallBack" | "skip"
>;

/** How a review goes: what the settings say, and what is asked beside them. */
export function reviewWishes(
  { preset, skip }: Asked,
  settings: Settings,
  models: readonly Model[],
): ReviewWishes {
  const { review, features } = settings;
  return {
    ...panelOf(preset, review),
    thresholds: review.thresholds,
    limits: review.limits,
    phaseMs: phaseMsFor(longestTryMs(settings, models)),
    mayFallBack: features.quickFallback,
    skip: skipOf(skip, review),
  };
}

/** A preset that is named brings its own number of seats. */
function panelOf(
  named: PresetName | null,
  { preset, seats, panel }: Settings["review"],
): Pick<ReviewRequest, "preset" | "seats" | "members"> {
  return named === null
    ? { preset: preset ?? "balanced", seats: seats ?? undefined, members: panel ?? undefined }
    : { preset: named };
}

function skipOf(
  asked: SkipOptions = {},
  { include, exclude }: Pick<Settings["review"], "include" | "exclude">,
): SkipOptions {
  return {
    ...asked,
    include: [...include, ...(asked.include ?? [])],
    exclude: [...exclude, ...(asked.exclude ?? [])],
  };
}

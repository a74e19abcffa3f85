/** The named panels (requirement A1). */
export const presetNames = ["critical", "balanced", "fast", "quick"] as const;
export type PresetName = (typeof presetNames)[number];

/** How a panel decides: `vote` over a shared pool, or `refute`, where each of two seats tries to refute the other. */
export type PanelMode = "vote" | "refute";

export interface Preset {
  readonly seats: number;
  /** The support that a finding needs, in percent. */
  readonly threshold: number;
  readonly mode: PanelMode;
}

export const presets: Readonly<Record<PresetName, Preset>> = {
  critical: { seats: 10, threshold: 70, mode: "vote" },
  balanced: { seats: 6, threshold: 60, mode: "vote" },
  fast: { seats: 4, threshold: 50, mode: "vote" },
  /** One ballot a finding: more than half of it is all of it. Survivors are advisory. */
  quick: { seats: 2, threshold: 50, mode: "refute" },
};

import { loadSettings } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.ts";

/** Settings as a file of this text says. */
export async function parseSettingsText(root: string, text: string): Promise<Settings> {
  return (await loadSettings({ root, env: {}, text })).settings;
}

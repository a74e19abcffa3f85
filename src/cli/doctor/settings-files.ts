import { existsSync } from "node:fs";
import { join } from "node:path";
import { settingsFiles } from "../../settings.ts";
import { trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Names that people give the settings' file, and that nothing reads. */
const misnamed = [
  "skein.yaml",
  ".skein.yml",
  ".skein.yaml",
  ".github/skein.yaml",
  "skein.json",
  "skein.toml",
];

/** Looks for settings of which nothing counts, since they stand in another file than the one that is read. */
export async function examineSettingsFiles({ repository }: Patient): Promise<readonly Finding[]> {
  const isThere = (file: string): boolean => existsSync(join(repository.root, file));
  const [read, ...shadowed] = settingsFiles.filter(isThere);
  const unread = [...shadowed, ...misnamed.filter(isThere)];
  return Promise.resolve(
    unread.map((file) =>
      trouble("warn", "settings-unread", {
        what: `${file} is not read.`,
        why:
          read === undefined
            ? `Settings are read from ${settingsFiles.join(", else from ")}: none of what it says counts.`
            : `Settings are read from ${read} alone: none of what it says counts.`,
        fix:
          read === undefined
            ? `git mv ${file} ${String(settingsFiles[0])}`
            : `Move what it says to ${read}, and take it away.`,
      }),
    ),
  );
}

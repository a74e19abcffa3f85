import type { ImportResult } from "../core/plans/index.ts";

/** What an import did with how many tasks, as `2 created, 1 kept`. */
export function importCounts({
  created,
  updated,
  unchanged,
  canceled,
  kept,
  deferred,
}: ImportResult): string {
  const counts: readonly (readonly [string, readonly string[]])[] = [
    ["created", created],
    ["updated", updated],
    ["unchanged", unchanged],
    ["canceled", canceled],
    ["kept", kept],
    ["deferred", deferred],
  ];
  const said = counts
    .filter(([, ids]) => ids.length > 0)
    .map(([word, ids]) => `${String(ids.length)} ${word}`);
  return said.length === 0 ? "no tasks" : said.join(", ");
}

import type { Store } from "./store.ts";

/** From so many rows on the server's own counting comes too late. */
const many = 500;

/** Has the planner told of many rows that were just committed. They are there in any case, so that it fails for nobody. */
export async function recountAfter(
  { maintenance }: Pick<Store, "maintenance">,
  rows: number,
  tables: readonly string[],
): Promise<void> {
  if (rows < many) {
    return;
  }
  try {
    await maintenance.recount(tables);
  } catch {
    // The server counts by itself later.
  }
}

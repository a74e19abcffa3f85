import { AsyncLocalStorage } from "node:async_hooks";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** The transaction around what runs now; work that outlives it finds it closed. */
export interface Around {
  readonly connection: SqliteConnection;
  isOpen: boolean;
}

export const around = new AsyncLocalStorage<Around>();

/** @throws {SkeinError} SKN-0102 at once, where waiting would never end. */
export function refuseNested(connection: SqliteConnection): void {
  const outer = around.getStore();
  if (outer?.isOpen === true && outer.connection === connection) {
    throw new SkeinError(storeErrors.nested);
  }
}

import type { Store } from "../store/index.ts";
import type { EventOrigin } from "./event.ts";
import type { Events } from "./events.ts";

/**
 * A store whose write transactions say who asked for them, so that no operation has to: whoever calls is looked up once, when the write is
 * asked for, since the work itself may run later and on behalf of many.
 */
export function storeOfCallers(
  store: Store,
  events: Pick<Events, "setOrigin">,
  caller: () => EventOrigin | null,
): Store {
  return {
    ...store,
    write: async (work, first) => {
      const origin = caller();
      if (origin === null) {
        return store.write(work, first);
      }
      return store.write(async (tx) => {
        events.setOrigin(tx, origin);
        return work(tx);
      }, first);
    },
  };
}

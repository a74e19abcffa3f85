import type { Bus, BusHealth, Doorbell } from "../../core/events/index.ts";
import { createFileDoorbell } from "./file-doorbell.ts";
import { createHealth } from "./health.ts";

export interface FileBusOptions {
  /** A one-byte file beside the store; see `createFileDoorbell`. */
  readonly file: string;
  readonly onChange?: ((health: BusHealth) => void) | undefined;
}

/** Makes the bus of a store in a file: its one project rings at a watched file. */
export function createFileBus({ file, onChange = () => {} }: FileBusOptions): Bus {
  const health = createHealth("file", onChange);
  const bells = new Set<Doorbell>();
  const onFault = (reason: string | null): void => {
    health.tell("listen", reason);
  };
  return {
    doorbell: ({ mark }) => {
      const bell = createFileDoorbell({ file, mark, onFault });
      bells.add(bell);
      return bell;
    },
    health: health.now,
    close: async () => {
      for (const bell of bells) {
        bell.close();
      }
      return Promise.resolve();
    },
  };
}

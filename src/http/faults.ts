import { randomBytes } from "node:crypto";

/** Where faults go that no caller may read. */
export interface Faults {
  newFaultId(this: void): string;
  log(this: void, line: string): void;
}

export function createFaults(log: (line: string) => void): Faults {
  return { newFaultId: () => randomBytes(4).toString("hex"), log };
}

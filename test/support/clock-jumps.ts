import type { CoordinationStand } from "./coordination.ts";
import type { Dice } from "./glob-oracle.ts";
import type { VirtualTime } from "./virtual-time.ts";

const hourMs = 3_600_000;

/** What happens to wall clocks: an hour, a day, summer time, the year 1970, and drift of a tenth. */
const jumps: readonly ((time: VirtualTime) => number)[] = [
  () => hourMs,
  () => -hourMs,
  () => 24 * hourMs,
  () => -24 * hourMs,
  (time) => -time.wallMs(),
  () => 360_000,
  () => -360_000,
];

/** Lets some wall clocks jump. */
export function jumpClocks(stands: readonly CoordinationStand[], dice: Dice): void {
  for (const { time } of stands) {
    if (dice(3) === 0) {
      time.jumpWall(jumps[dice(jumps.length)]?.(time) ?? 0);
    }
  }
}

import type { Coverage, LineRange } from "../review.ts";
import { rangeOf } from "./lines.ts";
import type { Pack, Packing } from "./pack.ts";

/** Which packs, by their index from 0, a seat answered for. */
export interface SeatReading {
  readonly seat: number;
  readonly packs: readonly number[];
}

/** States what each seat did and did not see. What every seat missed is unseen. */
export function coverageOf(packing: Packing, readings: readonly SeatReading[]): Coverage {
  const ranges = packing.packs.map(rangesOf);
  const lost = ranges.flatMap((own, index) =>
    readings.some(({ packs }) => packs.includes(index)) ? [] : own,
  );
  return {
    files: packing.files,
    hunks: packing.hunks,
    unseen: [...packing.unseen, ...lost],
    seats: readings.map(({ seat, packs }) => ({
      seat,
      seenHunks: ranges.reduce(
        (sum, own, index) => sum + (packs.includes(index) ? own.length : 0),
        0,
      ),
      missed: [
        ...packing.unseen,
        ...ranges.flatMap((own, index) => (packs.includes(index) ? [] : own)),
      ],
    })),
  };
}

/** One sentence on who saw how much; where there was nothing, nobody was asked. */
export function coverageText({ files, hunks, unseen, seats }: Coverage): string {
  const whole = seats.filter(({ missed }) => missed.length === 0).length;
  const up = `${counted(hunks, "hunk")} in ${counted(files, "file")} to review`;
  if (hunks === 0) {
    return `${up}.`;
  }
  const by = `${String(whole)} of ${counted(seats.length, "seat")} saw all`;
  return unseen.length === 0
    ? `${up}; ${by}.`
    : `${up}; ${by}; nobody saw ${counted(unseen.length, "hunk")}.`;
}

function rangesOf({ files }: Pack): readonly LineRange[] {
  return files.flatMap((file) => file.hunks.map((hunk) => rangeOf(file, hunk)));
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

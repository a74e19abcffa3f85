import type { Skein } from "../core/index.ts";
import type { Board } from "./board.ts";

/** A task that is not handed out, and why. */
export interface Wait {
  readonly task: string;
  readonly why: string;
}

/** Why the first few tasks that could run do not: blocked ones, and pending ones whose paths, time or budget stand in the way. */
export async function readWaits(
  { dispatch }: Pick<Skein, "dispatch">,
  board: Board,
  most: number,
): Promise<readonly Wait[]> {
  const waits: Wait[] = [];
  for (const task of [...board.blocked.slice(0, most), ...board.ready]) {
    if (waits.length >= most) {
      break;
    }
    const name = `${task.plan}/${task.id}`;
    const { isReady, reasons } = await dispatch.why(name, null);
    const [first] = reasons;
    if (!isReady && first !== undefined) {
      waits.push({ task: name, why: first.text });
    }
  }
  return waits;
}

import { systemTimer } from "../../adapters/process/timer.ts";
import type { OpenProject } from "../../compose.ts";
import { readBoard } from "../board.ts";
import { boardLines } from "../board-lines.ts";
import type { Call } from "../command.ts";
import { interruptedCode } from "../exit.ts";
import { printRecord } from "../output.ts";
import { withProject } from "../project.ts";
import { openScreen, stopping } from "../screen.ts";
import type { Screen } from "../screen.ts";
import { readWaits } from "../waits.ts";
import { ringing } from "./events.ts";
import { boardData } from "./status.ts";

/** The shortest time between two views. */
const leastMs = 100;

/** `skein top`: the board, again whenever something changes and every second; NDJSON with `--json`, plain text without a terminal. */
export async function top(call: Call): Promise<number> {
  return withProject(call, async (project) => {
    const screen = openScreen(call);
    const stop = stopping(call, screen.isLive);
    const bell = ringing(project, stop.signal);
    let left = call.options.number("count") ?? Number.POSITIVE_INFINITY;
    try {
      while (!stop.signal.aborted && left > 0) {
        await show(call, project, screen);
        left -= 1;
        if (left > 0) {
          // Many changes at once are one view.
          await systemTimer.sleep(leastMs, stop.signal);
          await bell.next();
        }
      }
    } finally {
      bell.stop();
      stop.close();
      screen.close();
    }
    return call.io.signal.aborted ? interruptedCode : 0;
  });
}

async function show(call: Call, { skein }: OpenProject, screen: Screen): Promise<void> {
  const board = await readBoard(skein);
  const waits = await readWaits(skein, board, 5);
  if (call.globals.json) {
    printRecord(boardData(board, waits), call.io);
    return;
  }
  const style = { hasColor: call.globals.color, most: 8, columns: screen.columns() };
  screen.show(boardLines(board, waits, style).flatMap((line) => line.split("\n")));
}

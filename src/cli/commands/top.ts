import type { OpenProject } from "../../compose.ts";
import { readBoard } from "../board.ts";
import { boardLines } from "../board-lines.ts";
import type { Call } from "../command.ts";
import { interruptedCode } from "../exit.ts";
import { printRecord } from "../output.ts";
import { withProject } from "../project.ts";
import { visibleText } from "../visible.ts";
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
          await pause(stop.signal);
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
  const style = { hasColor: call.globals.color, most: 8 };
  screen.show(boardLines(board, waits, style).flatMap((line) => line.split("\n")));
}

interface Screen {
  readonly isLive: boolean;
  show(lines: readonly string[]): void;
  close(): void;
}

/** The terminal's other screen, so that the view leaves nothing behind; plain text where there is no terminal. */
function openScreen({ io, globals }: Call): Screen {
  const isLive = io.isTerminal && !globals.json && io.env["TERM"] !== "dumb";
  if (!isLive) {
    return {
      isLive,
      show: (lines) => {
        io.write(`${lines.join("\n")}\n\n`);
      },
      close: () => undefined,
    };
  }
  io.draw("\u{1b}[?1049h\u{1b}[?25l");
  return {
    isLive,
    show: (lines) => {
      const rows = process.stdout.rows || 24;
      const shown = [...lines.slice(0, rows - 2), "", "q ends this"];
      const drawn = shown.map((line) => `${visibleText(line)}\u{1b}[K`).join("\r\n");
      io.draw(`\u{1b}[H${drawn}\u{1b}[J`);
    },
    close: () => {
      io.draw("\u{1b}[?25h\u{1b}[?1049l");
    },
  };
}

interface Stopping {
  readonly signal: AbortSignal;
  close(): void;
}

/** Ends with the process's signal, or with `q` or Ctrl-C at the keyboard. */
function stopping({ io, globals }: Call, isLive: boolean): Stopping {
  const quit = new AbortController();
  const onAbort = (): void => {
    quit.abort();
  };
  io.signal.addEventListener("abort", onAbort);
  const hasKeys = isLive && globals.input && process.stdin.isTTY;
  const onKey = (key: Buffer): void => {
    if (["q", "Q", "\u{3}", "\u{1b}"].includes(key.toString())) {
      quit.abort();
    }
  };
  if (hasKeys) {
    process.stdin.setRawMode(true);
    process.stdin.on("data", onKey);
  }
  return {
    signal: quit.signal,
    close: () => {
      io.signal.removeEventListener("abort", onAbort);
      if (hasKeys) {
        process.stdin.off("data", onKey);
        process.stdin.setRawMode(false);
        process.stdin.pause();
      }
    },
  };
}

/** Many changes at once are one view. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, leastMs);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

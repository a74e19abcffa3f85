import type { Call } from "./command.ts";
import { visibleText } from "./visible.ts";

/** Where a live view is shown. */
export interface Screen {
  readonly isLive: boolean;
  /** How many columns a line may have; null where nothing cuts it. */
  columns(): number | null;
  show(lines: readonly string[]): void;
  close(): void;
}

/** The terminal's other screen, so that the view leaves nothing behind; plain text where there is no terminal. */
export function openScreen({ io, globals }: Call): Screen {
  const isLive = io.isTerminal && !globals.json && io.env["TERM"] !== "dumb";
  if (!isLive) {
    return {
      isLive,
      columns: () => null,
      show: (lines) => {
        io.write(`${lines.join("\n")}\n\n`);
      },
      close: () => undefined,
    };
  }
  // A line that is wider than the terminal is cut there: wrapped, it would push the first lines off the screen.
  io.draw("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l");
  return {
    isLive,
    columns: () => process.stdout.columns || 80,
    show: (lines) => {
      const rows = process.stdout.rows || 24;
      const shown = [...lines.slice(0, rows - 2), "", "q ends this"];
      // Cleared before it is written: behind a line as wide as the terminal the cursor stands on its last character.
      const drawn = shown.map((line) => `\u{1b}[K${visibleText(line)}`).join("\r\n");
      io.draw(`\u{1b}[H${drawn}\u{1b}[J`);
    },
    close: () => {
      io.draw("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l");
    },
  };
}

/** The end of a live view. */
export interface Stopping {
  readonly signal: AbortSignal;
  close(): void;
}

/** Ends with the process's signal, or with `q` or Ctrl-C at the keyboard. */
export function stopping({ io, globals }: Call, isLive: boolean): Stopping {
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

import { getEventListeners } from "node:events";
import { createInterface } from "node:readline/promises";
import { buffer as readAll } from "node:stream/consumers";
import { asciiText, wantsAscii } from "./ascii.ts";
import { interruptedCode, unreadCode } from "./exit.ts";
import { textOf } from "../core/base/utf8-text.ts";
import type { Within } from "./within.ts";
import { plainText, visibleText } from "./visible.ts";

/** What a command has of the world around it. */
export interface CliIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when a person can be asked at standard input and error. */
  readonly isInteractive: boolean;
  /** True when standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Writes to standard output, with nothing in it that drives a terminal. */
  write(text: string): void;
  /** Writes our own sequences for a terminal to standard output, as they are. */
  draw(sequences: string): void;
  /** Writes a line to standard error, with nothing in it that drives a terminal. */
  warn(line: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Asks a person for a line. */
  ask(question: string): Promise<string>;
  /** Aborts when the process is to end, as by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Where the command runs inside a server; left out: in a process of its own. */
  readonly within?: Within | undefined;
}

/** How long a command that hears of its end may take to end, in milliseconds. */
const graceMs = 10_000;

/** The same world with another environment. */
export function withEnvironment(io: CliIo, env: CliIo["env"]): CliIo {
  return changed(io, { env });
}

/** The same world where no colours are wanted: those that come came with foreign words, and are shown as what they are. */
export function withoutColors(io: CliIo): CliIo {
  return changed(io, {
    write: (text) => {
      io.write(plainText(text));
    },
    warn: (line) => {
      io.warn(plainText(line));
    },
    ask: (question) => io.ask(plainText(question)),
  });
}

/** Whose signal is asked for only when somebody does, since Ctrl-C is the system's until then. */
function changed(
  io: CliIo,
  changes: Partial<Pick<CliIo, "env" | "write" | "warn" | "ask">>,
): CliIo {
  return {
    cwd: io.cwd,
    env: io.env,
    isInteractive: io.isInteractive,
    isTerminal: io.isTerminal,
    write: (text) => {
      io.write(text);
    },
    draw: (sequences) => {
      io.draw(sequences);
    },
    warn: (line) => {
      io.warn(line);
    },
    readInput: () => io.readInput(),
    ask: (question) => io.ask(question),
    within: io.within,
    ...changes,
    get signal() {
      return io.signal;
    },
  };
}

/** The process around this one. Ctrl-C is left to the system until a command asks for the signal. */
export function processIo(): CliIo {
  let stopping: AbortSignal | null = null;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      // Whoever read, as `head`, has gone. A command that has ended meanwhile keeps its code: what it found holds, whoever heard of it.
      setImmediate(() => process.exit(process.exitCode ?? unreadCode));
    }
  });
  // Nobody reads what is said meanwhile: the work goes on. Unheard, the fault would be said there, too, without end.
  process.stderr.on("error", () => undefined);
  // A file or a pipe gets what is meant, whatever the terminal could show of it.
  const isAscii = wantsAscii(process.env);
  const out = isAscii && process.stdout.isTTY ? asciiText : asIs;
  const err = isAscii && process.stderr.isTTY ? asciiText : asIs;
  return {
    cwd: process.cwd(),
    env: process.env,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    isTerminal: process.stdout.isTTY,
    write: (text) => {
      process.stdout.write(out(visibleText(text)));
    },
    draw: (sequences) => {
      process.stdout.write(out(sequences));
    },
    warn: (line) => {
      process.stderr.write(`${err(visibleText(line))}\n`);
    },
    readInput: async () => textOf(await readAll(process.stdin)),
    ask: askPerson,
    get signal() {
      stopping ??= stopSignal();
      return stopping;
    },
  };
}

function asIs(text: string): string {
  return text;
}

/** Aborts at Ctrl-C. It ends the process at once where nobody listens any more, or the second time. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (): void => {
    if (signal.aborted || getEventListeners(signal, "abort").length === 0) {
      process.exit(interruptedCode);
    }
    stopping.abort();
    setTimeout(() => process.exit(interruptedCode), graceMs).unref();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return signal;
}

async function askPerson(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // At a terminal in raw mode Ctrl-C is a key and no signal.
  reader.once("SIGINT", () => process.exit(interruptedCode));
  try {
    return await reader.question(visibleText(question));
  } finally {
    reader.close();
  }
}

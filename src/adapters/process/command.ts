import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

export interface CommandRun {
  /** A program and its arguments, which no shell reads; or a line for the shell, as its author wrote it. */
  readonly command: readonly string[] | string;
  readonly cwd: string;
  /** All that it sees of an environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends it when it aborts. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
}

export interface CommandOutcome {
  /** Null when the command could not start, was stopped or was killed. */
  readonly exitCode: number | null;
  /** Why there is no exit code, where that is our doing. */
  readonly note: string | null;
  /** The end of what it wrote. */
  readonly output: string;
}

/** So many bytes of output are kept. */
export const keptOutput = 4_096;

/** Runs a command in a process group of its own; what it leaves running ends with it. Never rejects. */
export async function runCommand(run: CommandRun): Promise<CommandOutcome> {
  const [program = "", ...args] = typeof run.command === "string" ? [run.command] : run.command;
  const child = spawn(program, args, {
    cwd: run.cwd,
    env: { ...run.env },
    shell: typeof run.command === "string",
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const output = keepEnd(child);
  const end = await endOf(child, run);
  return { ...end, output: output() };
}

function keepEnd(child: ChildProcess): () => string {
  let kept = Buffer.alloc(0);
  const keep = (chunk: Buffer): void => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptOutput);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => kept.toString("utf8");
}

function endOf(
  child: ChildProcess,
  { timeoutMs, signal }: CommandRun,
): Promise<Omit<CommandOutcome, "output">> {
  return new Promise((resolve) => {
    let note: string | null = null;
    const give = (why: string): void => {
      note = why;
      stop(child);
    };
    const giveUp = (): void => give("Stopped, as its caller gave up.");
    const timer = setTimeout(() => {
      give(`Stopped after ${String(timeoutMs / 1_000)} seconds.`);
    }, timeoutMs);
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    };
    child.on("error", (error) => {
      over();
      resolve({ exitCode: null, note: `The command could not start: ${error.message}` });
    });
    child.on("exit", () => {
      over();
      // What the command left running must not outlive it.
      stop(child);
    });
    child.on("close", (exitCode) => {
      resolve({ exitCode: note === null ? exitCode : null, note });
    });
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted === true) {
      giveUp();
    }
  });
}

/** Ends the command with all that it started. */
function stop(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    if (process.platform === "win32") {
      child.kill("SIGKILL");
    } else {
      process.kill(-child.pid, "SIGKILL");
    }
  } catch {
    // The group has ended by itself.
  }
}

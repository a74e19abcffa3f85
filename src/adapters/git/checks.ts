import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CheckResult } from "../../core/integration/index.ts";
import { allowedEnv } from "./git.ts";
import type { Git } from "./git.ts";

/** A command that a committed `skein.yml` names. */
export interface CheckCommand {
  /** The program and its arguments: no shell reads them. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

export interface CheckRun {
  readonly name: string;
  readonly command: CheckCommand;
  /** The commit to check. */
  readonly commit: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs a check at a commit in a worktree of its own, which is removed afterwards. */
export async function runCheckAt(git: Git, run: CheckRun): Promise<CheckResult> {
  const folder = await mkdtemp(join(tmpdir(), "skein-check-"));
  const place = join(folder, "worktree");
  try {
    await git.run(["worktree", "add", "--quiet", "--detach", place, run.commit]);
    return await runCommand(place, run);
  } finally {
    await git.run(["worktree", "remove", "--force", place], { okCodes: [0, 128] });
    await rm(folder, { recursive: true, force: true });
  }
}

const keptOutput = 4_096;

async function runCommand(cwd: string, { name, command, env }: CheckRun): Promise<CheckResult> {
  const [program = "", ...args] = command.argv;
  const child = spawn(program, args, {
    cwd,
    env: { ...allowedEnv(env), CI: "true", SKEIN_CHECK: name },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const output = keepEnd(child);
  const end = await endOf(child, command.timeoutMs);
  const note = end.note === null ? "" : `\n${end.note}`;
  return {
    name,
    passed: end.exitCode === 0,
    exitCode: end.exitCode,
    output: (output() + note).slice(-keptOutput).trim(),
  };
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

interface CommandEnd {
  /** Null when the command could not start or was stopped. */
  readonly exitCode: number | null;
  readonly note: string | null;
}

function endOf(child: ChildProcess, timeoutMs: number): Promise<CommandEnd> {
  return new Promise((resolve) => {
    let note: string | null = null;
    const timer = setTimeout(() => {
      note = `Stopped after ${String(timeoutMs / 1_000)} seconds.`;
      stop(child);
    }, timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ exitCode: null, note: `The command could not start: ${error.message}` });
    });
    child.on("exit", () => {
      clearTimeout(timer);
      // What the command left running must not outlive its check.
      stop(child);
    });
    child.on("close", (exitCode) => {
      resolve({ exitCode, note });
    });
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

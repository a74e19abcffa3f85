import { spawn } from "node:child_process";
import { SkeinError } from "../../core/base/errors.ts";
import { demoErrors } from "./errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** How a program ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Env;
  readonly input?: string | undefined;
}

/** Runs a program to its end and gives what it wrote; a failure is an answer. */
export async function runProgram({ file, args, cwd, env, input }: ProgramCall): Promise<Ended> {
  const child = spawn(file, args, { cwd, env: { ...env }, stdio: "pipe" });
  const written = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    written.stderr += text;
  });
  child.stdin.on("error", () => undefined); // A program that reads nothing closes its input first.
  child.stdin.end(input ?? "");
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  return { exitCode, ...written };
}

/** Runs git with the hooks of the repository, in one folder. */
export interface DemoGit {
  /** @throws {SkeinError} SKN-0021 when it fails. */
  text(...args: readonly string[]): Promise<string>;
  /** A failure is an answer. */
  attempt(...args: readonly string[]): Promise<Ended>;
}

export function createDemoGit(cwd: string, env: Env): DemoGit {
  const attempt = (...args: readonly string[]): Promise<Ended> =>
    runProgram({ file: "git", args, cwd, env });
  return {
    attempt,
    text: async (...args) => {
      const { exitCode, stdout, stderr } = await attempt(...args);
      if (exitCode !== 0) {
        throw new SkeinError(demoErrors.gitFailed, {
          message: `git ${args[0] ?? ""} failed: ${stderr.trim().slice(-400)}`,
          facts: { command: ["git", ...args], exit_code: exitCode },
        });
      }
      return stdout.trimEnd();
    },
  };
}

const passedOn = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "SystemRoot"];

/** The environment of everything that the demo starts: nobody's own configuration of git, and no agent but the one that is named. */
export function demoEnv(env: Env, author: string): Readonly<Record<string, string>> {
  const kept = passedOn.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const email = `${author}@demo.invalid`;
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: process.platform === "win32" ? "NUL" : "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_EDITOR: "true",
    GIT_AUTHOR_NAME: author,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: author,
    GIT_COMMITTER_EMAIL: email,
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

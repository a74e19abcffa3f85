import { execFile } from "node:child_process";

import { SkeinError } from "../../core/base/errors.ts";
import { gitErrors } from "./errors.ts";

/** How one git command ended. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitRun {
  /** Default: the folder the runner was made for. */
  readonly cwd?: string | undefined;
  readonly input?: string | undefined;
  /** Variables beyond the allowed ones, as `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Exit codes that are answers and no failures. Default: 0. */
  readonly okCodes?: readonly number[] | undefined;
}

/** Runs git in one repository, without a shell, a prompt, a pager, a hook or anything of the caller's `GIT_*` environment. */
export interface Git {
  readonly cwd: string;
  /** @throws {SkeinError} SKN-0951, SKN-2951 or SKN-9951. */
  run(args: readonly string[], options?: GitRun): Promise<GitResult>;
  /** Runs and gives what it wrote, without the last line end. */
  text(args: readonly string[], options?: GitRun): Promise<string>;
}

export interface GitDeps {
  readonly cwd: string;
  /** The caller's environment, of which only the allowed names are passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a command may take, in milliseconds. Default 60 000. */
  readonly timeoutMs?: number | undefined;
}

const allowedNames = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "TEMP",
  "TMP",
  "XDG_CONFIG_HOME",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "SystemRoot",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
  "PATHEXT",
  "ComSpec",
];

const fixedEnv = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_PAGER: "cat",
  GIT_EDITOR: "false",
  GIT_ASKPASS: "false",
  SSH_ASKPASS: "false",
};

/** What of somebody's own configuration would change what git does or writes: signatures would stand among the lines of a log. */
const fixedArgs = [
  "--no-pager",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.quotePath=false",
  "-c",
  "color.ui=false",
  "-c",
  "log.showSignature=false",
  "-c",
  "i18n.logOutputEncoding=UTF-8",
  "-c",
  "submodule.recurse=false",
  "-c",
  "gc.auto=0",
];

const maxOutputBytes = 256 * 1024 * 1024;

/** The part of an environment that a child process of Skein may see. */
export function allowedEnv(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const name of allowedNames) {
    const value = env[name];
    if (value !== undefined) {
      allowed[name] = value;
    }
  }
  return allowed;
}

export function createGit({ cwd, env, timeoutMs = 60_000 }: GitDeps): Git {
  const baseEnv = { ...allowedEnv(env), ...fixedEnv };

  async function run(args: readonly string[], options: GitRun = {}): Promise<GitResult> {
    const result = await execute(args, {
      cwd: options.cwd ?? cwd,
      env: { ...baseEnv, ...options.env },
      input: options.input ?? "",
      timeoutMs,
    });
    if (!(options.okCodes ?? [0]).includes(result.exitCode)) {
      throw gitFailure(args, result);
    }
    return result;
  }

  return {
    cwd,
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\n$/u, ""),
  };
}

interface Execution {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
}

function execute(
  args: readonly string[],
  { cwd, env, input, timeoutMs }: Execution,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true };
    const child = execFile("git", [...fixedArgs, ...args], options, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ exitCode: 0, stdout, stderr });
      } else if (typeof error.code === "number") {
        resolve({ exitCode: error.code, stdout, stderr });
      } else {
        reject(startFailure(args, error));
      }
    });
    // Git may end before it has read all: that is its exit code's affair.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

function startFailure(
  args: readonly string[],
  error: Error & { readonly code?: unknown; readonly killed?: boolean | undefined },
): SkeinError {
  if (error.code === "ENOENT") {
    return new SkeinError(gitErrors.gitMissing, { cause: error });
  }
  const entry = error.killed === true ? gitErrors.gitTimeout : gitErrors.gitFailed;
  return new SkeinError(entry, {
    message: `git ${commandOf(args)} was stopped.`,
    cause: error,
  });
}

function gitFailure(args: readonly string[], { exitCode, stderr }: GitResult): SkeinError {
  return new SkeinError(gitErrors.gitFailed, {
    message: `git ${commandOf(args)} ended with ${String(exitCode)}.`,
    facts: { command: ["git", ...args], exit_code: exitCode, output: stderr.slice(-2_000) },
  });
}

function commandOf(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith("-")) ?? "";
}

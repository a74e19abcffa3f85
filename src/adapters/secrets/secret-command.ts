import { execFile } from "node:child_process";

import { SkeinError } from "../../core/base/errors.ts";
import { secretErrors } from "./errors.ts";
import { maxSecretBytes } from "./secret-file.ts";

interface CommandDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default 10 000. */
  readonly timeoutMs?: number | undefined;
}

/** What a program writes; it is started without a shell. @throws {SkeinError} SKN-3973, SKN-9971. */
export async function readSecretCommand(line: string, deps: CommandDeps): Promise<string> {
  const [program = "", ...args] = wordsOf(line);
  const output = await run(program, args, deps);
  if (output.trim() === "") {
    throw new SkeinError(secretErrors.commandFailed, {
      message: `The command ${program} of a secret wrote nothing.`,
      facts: { program },
    });
  }
  return output;
}

/** Words between blanks; quotes keep blanks together. Nothing else of a shell's language is known. */
function wordsOf(line: string): readonly string[] {
  return Array.from(
    line.matchAll(/"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>\S+)/gu),
    (match) => {
      const { double, single, bare = "" } = match.groups ?? {};
      return double ?? single ?? bare;
    },
  );
}

async function run(
  program: string,
  args: readonly string[],
  { env, timeoutMs = 10_000 }: CommandDeps,
): Promise<string> {
  const options = {
    env,
    timeout: timeoutMs,
    maxBuffer: maxSecretBytes,
    killSignal: "SIGKILL",
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      // The foreign error is not kept: what the command wrote is in it.
      const isFull = error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER";
      const isLate = error.killed === true && !isFull;
      const entry = isLate ? secretErrors.commandTimeout : secretErrors.commandFailed;
      const failed = isFull
        ? `wrote more than ${String(maxSecretBytes)} bytes`
        : `failed (${String(error.code ?? "killed")})`;
      const end = isLate ? "did not end in time" : failed;
      reject(
        new SkeinError(entry, {
          message: `The command ${program} of a secret ${end}.`,
          facts: { program },
        }),
      );
    });
    child.stdin?.end();
  });
}

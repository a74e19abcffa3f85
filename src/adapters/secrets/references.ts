import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

import { SkeinError } from "../../core/base/errors.ts";
import { secretErrors } from "./errors.ts";

/** Looks secrets up where their references say, when they are needed and once. */
export interface Secrets {
  /**
   * The secret that `env:NAME`, `file:/path` (or `file:~/path`) or `cmd:program argument` names, without blanks around it. A failure is
   * not remembered: the next call looks again.
   *
   * @throws {SkeinError} SKN-2971, SKN-3971, SKN-3972, SKN-3973, SKN-8971 or SKN-9971; the value stands in none of them.
   */
  resolve(reference: string): Promise<string>;
  /**
   * Looks up those of the references that cost nothing (`env:` and `file:`), so that their values are known. What cannot be looked up is
   * left for `resolve` to tell.
   */
  learn(references: readonly string[]): Promise<void>;
  /** Every value that has been looked up so far. */
  known(): readonly string[];
}

export interface SecretsDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `~` stands for. */
  readonly home: string;
  /** How long a command may take, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
}

const maxFileBytes = 64 * 1_024;
const form = /^(?<kind>env|file|cmd):(?<place>\S[^\n\r\0]*)$/u;

export function createSecrets(deps: SecretsDeps): Secrets {
  const values = new Map<string, string>();
  const resolve = async (reference: string): Promise<string> => {
    const value = values.get(reference) ?? (await lookUp(reference, deps)).trim();
    values.set(reference, value);
    return value;
  };
  return {
    resolve,
    learn: async (references) => {
      const cheap = references.filter((reference) => /^(?:env|file):/u.test(reference));
      await Promise.allSettled(cheap.map(async (reference) => resolve(reference)));
    },
    known: () => [...values.values()],
  };
}

async function lookUp(reference: string, deps: SecretsDeps): Promise<string> {
  const { kind, place = "" } = form.exec(reference)?.groups ?? {};
  if (kind === "env") {
    return readVariable(place, deps);
  }
  if (kind === "file") {
    return readSecretFile(place, deps);
  }
  if (kind === "cmd") {
    return readCommand(place, deps);
  }
  // The text may be the secret itself, written where its reference belongs: it is not repeated.
  throw new SkeinError(secretErrors.badReference);
}

function readVariable(name: string, { env }: SecretsDeps): string {
  const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
  if (value === undefined || value === "") {
    throw new SkeinError(secretErrors.noVariable, {
      message: `The environment variable ${name} is not set.`,
      facts: { variable: name },
    });
  }
  return value;
}

async function readSecretFile(place: string, { home }: SecretsDeps): Promise<string> {
  const path = place.startsWith("~/") ? join(home, place.slice(2)) : place;
  if (!isAbsolute(path)) {
    throw new SkeinError(secretErrors.badReference, {
      message: `The file ${place} of a secret is not named by an absolute path.`,
    });
  }
  const { text, isOpen } = await readPlainFile(path);
  if (isOpen) {
    throw new SkeinError(secretErrors.openFile, {
      message: `Everybody on this machine can read ${path}.`,
      fix: `Run chmod 600 ${path}`,
      facts: { path },
    });
  }
  if (text.trim() === "") {
    throw noFile(path, "it is empty");
  }
  return text;
}

interface PlainFile {
  readonly text: string;
  /** True when others may read it. */
  readonly isOpen: boolean;
}

async function readPlainFile(path: string): Promise<PlainFile> {
  let file;
  try {
    // A pipe that nobody writes to would be waited for without end.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw noFile(path, "it cannot be opened", error);
  }
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o170_000) !== 0o100_000 || size > maxFileBytes) {
      throw noFile(path, "it is no plain file of at most 64 KiB");
    }
    return { text: await file.readFile("utf8"), isOpen: isOpenTo(path, mode) };
  } finally {
    await file.close();
  }
}

/** Containers mount their secrets readable for all inside of them. Windows has no such permissions. */
function isOpenTo(path: string, mode: number): boolean {
  return (mode & 0o004) !== 0 && !path.startsWith("/run/secrets/") && process.platform !== "win32";
}

function noFile(path: string, why: string, cause?: unknown): SkeinError {
  return new SkeinError(secretErrors.noFile, {
    message: `The file ${path} of a secret cannot be read: ${why}.`,
    facts: { path },
    cause,
  });
}

async function readCommand(line: string, deps: SecretsDeps): Promise<string> {
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
  { env, timeoutMs = 10_000 }: SecretsDeps,
): Promise<string> {
  const options = {
    env,
    timeout: timeoutMs,
    maxBuffer: maxFileBytes,
    killSignal: "SIGKILL",
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      // The foreign error is not kept: what the command wrote is in it.
      const isLate = error.killed === true && error.code !== "ERR_CHILD_PROCESS_STDIO_MAXBUFFER";
      const entry = isLate ? secretErrors.commandTimeout : secretErrors.commandFailed;
      const end = isLate ? "did not end in time" : `failed (${String(error.code ?? "killed")})`;
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

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../../src/cli/run.ts";
import type { CliIo } from "../../src/cli/io.ts";
import { aRepository, testEnv } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";
import { faultsOfOutput } from "../support/cli-documents.ts";

/** How one call of `skein` ended. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What is odd about the world of a call. */
export interface World {
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What a person at a terminal answers, in order; none: nobody is there. */
  readonly answers?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string | undefined;
  /** True: standard output is a terminal. */
  readonly isTerminal?: boolean | undefined;
  /** Hears every piece of output as it comes. */
  readonly onWrite?: ((text: string) => void) | undefined;
  /** Hears every line for people as it comes. */
  readonly onWarn?: ((line: string) => void) | undefined;
  readonly onDraw?: ((sequences: string) => void) | undefined;
}

/** A repository, and `skein` in it: the whole command line, in this process. JSON that no published schema describes fails the test. */
export interface CommandLine {
  readonly repository: TestRepository;
  readonly skein: (words: string | readonly string[], world?: World) => Promise<Outcome>;
  /** Runs with `--json` and gives what was printed. */
  readonly json: (words: string) => Promise<Readonly<Record<string, unknown>>>;
}

export function aCommandLine(files: Readonly<Record<string, string>> = {}): CommandLine {
  const repository = aRepository({ "README.md": "hello\n", ...files });
  const skein = (words: string | readonly string[], world: World = {}): Promise<Outcome> =>
    call(typeof words === "string" ? words.split(" ") : words, {
      cwd: repository.root,
      ...world,
    });
  return {
    repository,
    skein,
    json: async (words) => {
      const { out, err } = await skein(`${words} --json`);
      const parsed: Readonly<Record<string, unknown>> = JSON.parse(out === "" ? err : out);
      return parsed;
    },
  };
}

async function call(
  argv: readonly string[],
  {
    cwd = "",
    input = "",
    env = {},
    answers,
    signal,
    onWrite,
    onWarn,
    onDraw,
    isTerminal = false,
  }: World,
): Promise<Outcome> {
  let out = "";
  let err = "";
  const left = [...(answers ?? [])];
  const io: CliIo = {
    cwd,
    env: { ...testEnv, ...env },
    isInteractive: answers !== undefined,
    isTerminal,
    write: (text) => {
      out += text;
      onWrite?.(text);
    },
    draw: (sequences) => onDraw?.(sequences),
    warn: (line) => {
      err += `${line}\n`;
      onWarn?.(line);
    },
    readInput: async () => input,
    ask: async () => left.shift() ?? "",
    signal: signal ?? new AbortController().signal,
  };
  const code = await runCli(argv, io);
  const faults = faultsOfOutput(argv, out);
  if (faults.length > 0) {
    throw new Error(faults.join("\n"));
  }
  return { code, out, err };
}

/** A plan of two tasks, the second after the first. */
export const twoTasks = `plan: demo
title: Two tasks
verify: none
tasks:
  - id: T1
    title: First
    files: ["src/**"]
  - id: T2
    title: Second
    depends_on: [T1]
    files: ["docs/**"]
`;

/** The text of a file of the project itself. */
export function ownFile(path: string): string {
  return readFileSync(join(import.meta.dirname, "../..", path), "utf8");
}

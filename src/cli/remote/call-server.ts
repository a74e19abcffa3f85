import type { Repository } from "../../adapters/git/index.ts";
import { worktreeName } from "../../adapters/server/caller-headers.ts";
import { serverErrors } from "../../adapters/server/index.ts";
import type { ServerClient } from "../../adapters/server/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";
import type { Answer, Call, CommandSpec } from "../command.ts";
import { needReason, needYes } from "../asking.ts";
import { cliErrors } from "../errors.ts";
import { writeGiven } from "../files.ts";
import { printAnswer } from "../output.ts";
import { identityOfEnvironment } from "../guard/identity.ts";
import { wordsForServer } from "./words.ts";
import type { ServerWords } from "./words.ts";
import { workFor } from "./work.ts";
import { counted } from "../counted.ts";

/** A command that a server runs. */
export interface RemoteCall {
  readonly spec: CommandSpec;
  readonly call: Call;
  readonly client: ServerClient;
  /** The clone around the folder; null where there is none. */
  readonly repository: Repository | null;
}

/** What a command wrote at the server, and how it ended. */
export interface RemoteOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command at the server with the same output and exit code as here; people are asked here. */
export async function callServer(remote: RemoteCall): Promise<number> {
  const { call } = remote;
  const words = { ...(await wordsForServer(remote)), work: await workFor(remote) };
  const outcome = await asking(remote, words);
  if (words.outFile !== null && outcome.exitCode === 0) {
    await writeGiven(words.outFile, outcome.stdout, {
      io: call.io,
      mayReplace: call.options.flag("yes"),
    });
    printAnswer(writtenAnswer(remote, words.outFile, outcome.stdout), call.globals, call.io);
    return 0;
  }
  print(call, outcome);
  return outcome.exitCode;
}

/** The same as the command says where the store is: of the log, how many events it wrote. */
function writtenAnswer({ spec }: RemoteCall, file: string, text: string): Answer {
  if (spec.name === "audit export") {
    const events = text.split("\n").length - 1;
    return {
      data: { file, events },
      lines: [`Wrote ${counted(events, "event")} to ${file}.`],
    };
  }
  const bytes = Buffer.byteLength(text);
  return { data: { file, bytes }, lines: [`Wrote ${String(bytes)} bytes to ${file}.`] };
}

function print({ io }: Call, { stdout, stderr }: RemoteOutcome): void {
  if (stdout !== "") {
    io.write(stdout);
  }
  for (const line of stderr.split("\n").slice(0, -1)) {
    io.warn(line);
  }
}

/** A server asks nobody: it says what is missing, and the person here is asked for it, once. */
async function asking(remote: RemoteCall, words: ServerWords): Promise<RemoteOutcome> {
  const { call, spec } = remote;
  const options: Record<string, string | true> = { ...words.options };
  const lacks = (name: string): boolean =>
    options[name] === undefined && spec.options.some(({ flags }) => flags.includes(`--${name}`));
  for (;;) {
    const outcome = await runAt(remote, { ...words, options });
    const missing = call.globals.input ? missingIn(outcome) : null;
    if (missing?.code === cliErrors.noReason.code && lacks("reason")) {
      options["reason"] = await needReason(call);
    } else if (missing?.code === cliErrors.needsYes.code && lacks("yes")) {
      await needYes(call, missing.question);
      options["yes"] = true;
    } else {
      return outcome;
    }
  }
}

interface Missing {
  readonly code: string;
  readonly question: string;
}

/** What a person would have been asked, told from the error that stands in its place. */
function missingIn({ exitCode, stderr }: RemoteOutcome): Missing | null {
  const [, code, question] =
    /(SKN-1007|SKN-1011)(?:","kind":"usage","message":"| )(.*?)(?: Nobody is there to say yes\.|$)/mu.exec(
      stderr,
    ) ?? [];
  return exitCode === 2 && code !== undefined ? { code, question: question ?? "" } : null;
}

/** How long a command is tried again while the server is away or busy. */
const patienceMs = 3_000;
/** How long while nothing answers there: who restarts a server waits for it, a person at a terminal does not. */
const awayMs = 300;

/** Runs a command once. @throws {SkeinError} when the server cannot be asked; what the command itself says is its outcome. */
export async function runAt(
  { call, spec, client, repository }: RemoteCall,
  { args, options, input, work = null }: ServerWords,
): Promise<RemoteOutcome> {
  const answer = await client.ask("api/v1/commands", {
    body: {
      command: spec.name.split(" "),
      arguments: args,
      options,
      input,
      json: call.globals.json,
      caller: callerIn(call, repository),
      ...(work === null ? {} : { work }),
    },
    ...(work === null ? {} : { onProgress: progressOf(call) }),
    // A command has no key: what may have been done is not sent again unasked.
    isRepeatable: false,
    patienceMs,
    awayMs,
    silenceMs: 120_000,
    signal: call.io.signal,
  });
  const exitCode = ownValue(answer, "exit_code");
  const stdout = ownText(answer, "stdout");
  const stderr = ownText(answer, "stderr");
  if (typeof exitCode !== "number" || stdout === null || stderr === null) {
    throw new SkeinError(serverErrors.notSkein);
  }
  return { exitCode, stdout, stderr };
}

/** At a terminal a line for each step; elsewhere it is silent, as a review here is. */
function progressOf({ io, globals }: Call): (told: LooseObject) => void {
  return (told) => {
    const message = ownText(told, "message");
    if (io.isTerminal && !globals.json && message !== null) {
      io.warn(cleanLine(message, 200));
    }
  };
}

/** The agent that the environment names; nobody in particular for a person, whom the token names. */
function callerIn(
  { io }: Call,
  repository: Repository | null,
): Readonly<Record<string, string | null>> {
  const identity = identityOfEnvironment(io.env);
  return {
    session: identity?.handle ?? null,
    external_id: identity?.externalId ?? null,
    git_dir: repository === null ? null : worktreeName(repository.gitDir),
    branch: repository?.branch ?? null,
  };
}

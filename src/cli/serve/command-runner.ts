import { commandActions } from "../../core/access/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type {
  CommandCall,
  CommandOutcome,
  CommandRequest,
  CommandRunner,
} from "../../http/index.ts";
import { cleanLine } from "../../core/base/text.ts";
import { catalog } from "../catalog.ts";
import { cliErrors } from "../errors.ts";
import { exitCodes } from "../exit.ts";
import type { CliIo } from "../io.ts";
import { printError, toSkeinError } from "../output.ts";
import { runCli } from "../run.ts";
import { captureOutput, mostOutput } from "./captured-output.ts";
import type { CapturedOutput } from "./captured-output.ts";
import { isReading, servedCommands } from "./served-commands.ts";

/**
 * Runs commands for callers of a server, with the same words, output and exit codes as on a command line.
 *
 * @param most - How much one may write, as JSON, in characters. Default 60 MiB.
 */
export function createCommandRunner(most = mostOutput): CommandRunner {
  return {
    commands: servedCommands.map(({ name, summary, args, options }) => ({
      name,
      summary,
      args: args.map((arg) => ({ name: arg.name, summary: arg.summary })),
      options: options
        .filter(({ flags }) => !(ofTheCaller[name] ?? []).includes(longName(flags)))
        .map((option) => ({ flags: option.flags, summary: option.summary })),
    })),
    isReading: (words) => isReading(words.join(" ")),
    run: async (request, call) => run(request, call, captureOutput(most)),
  };
}

function notServed(name: string): SkeinError {
  const isCommand = catalog.some((spec) => spec.name === name);
  return new SkeinError(
    cliErrors.notServed,
    isCommand
      ? { message: `\`skein ${name}\` is not run by a server.` }
      : {
          message: `There is no command '${cleanLine(name, 100)}'.`,
          fix: "Read `api/v1/openapi.json` for the commands that a server runs.",
        },
  );
}

async function run(
  request: CommandRequest,
  call: CommandCall,
  output: CapturedOutput,
): Promise<CommandOutcome> {
  const name = request.command.join(" ");
  const captured = captureIo(request, call, output);
  const isServed = servedCommands.some((spec) => spec.name === name);
  if (!isServed) {
    return captured.failed(notServed(name));
  }
  const kept = new Set([...ofTheMachine, ...(ofTheCaller[name] ?? [])]);
  const own = Object.keys(request.options).find((option) => kept.has(option));
  if (own !== undefined) {
    return captured.failed(
      new SkeinError(cliErrors.notServed, {
        message: `\`--${own}\` is not for callers of a server.`,
      }),
    );
  }
  const given = Object.keys(request.options).map((option) => `--${option}`);
  for (const action of commandActions(name, given)) {
    call.mayUse(action);
  }
  return captured.done(await runCli(wordsOf(request), captured.io));
}

/** They would send the server elsewhere, or show what only its own people see. */
const ofTheMachine: ReadonlySet<string> = new Set(["db", "project", "url", "debug"]);

/** They speak of the caller's worktree and files: what they name is sent as `work`, or cannot be done by a server. */
const ofTheCaller: Readonly<Record<string, readonly string[]>> = {
  review: ["base", "range", "patch", "worktree", "record", "replay", "verify", "verify-seconds"],
};

function longName(flags: string): string {
  return /--([a-z-]+)/u.exec(flags)?.[1] ?? "";
}

/** The call as its words would stand on a command line. */
function wordsOf({ command, args, options, isJson }: CommandRequest): readonly string[] {
  const given = Object.entries(options).flatMap(([option, value]) => {
    if (value === false) {
      return [];
    }
    return value === true ? [`--${option}`] : [`--${option}=${value}`];
  });
  return [...command, ...given, ...(isJson ? ["--json"] : []), "--", ...args];
}

interface Captured {
  readonly io: CliIo;
  done(exitCode: number): CommandOutcome;
  failed(error: SkeinError): CommandOutcome;
}

function captureIo(
  { caller, input, isJson, work }: CommandRequest,
  call: CommandCall,
  output: CapturedOutput,
): Captured {
  const { settings, skein, models, storeDir } = call.project;
  const io: CliIo = {
    cwd: "/",
    env: {
      SKEIN_SESSION: caller.session ?? undefined,
      SKEIN_EXTERNAL_ID: caller.externalId ?? undefined,
    },
    isInteractive: false,
    isTerminal: false,
    write: output.write,
    draw: () => undefined,
    warn: output.warn,
    readInput: async () => Promise.resolve(input ?? ""),
    ask: async () => Promise.resolve(""),
    signal: call.signal,
    within: {
      project: { skein, settings, repository: null, storeDir: null },
      principal: call.principal,
      ensureAdmitted: call.ensureAdmitted,
      models: { ...models, storeDir },
      work,
      tell: call.tell,
    },
  };
  const outcome = (exitCode: number): CommandOutcome => ({
    exitCode,
    stdout: output.stdout(),
    stderr: output.stderr(),
  });
  return {
    io,
    done: outcome,
    failed: (error) => {
      printError(error, { json: isJson, debug: false, color: false }, io);
      return outcome(exitCodes[toSkeinError(error).kind]);
    },
  };
}

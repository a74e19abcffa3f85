import { Command, CommanderError, Option } from "commander";
import { SkeinError } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import type { Call, CommandSpec, GlobalFlags, Options, OptionSpec } from "./command.ts";
import { cliErrors } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { wantsColor } from "./output.ts";
import { readValue } from "./values.ts";
import { wrongWords } from "./wrong-words.ts";

/** What a person called: the command and its call. */
export interface Chosen {
  readonly spec: CommandSpec;
  readonly call: Call;
}

export interface ProgramOptions {
  readonly specs: readonly CommandSpec[];
  readonly groups: Readonly<Record<string, string>>;
  readonly version: string;
  readonly io: CliIo;
  readonly globals: GlobalFlags;
}

/**
 * Reads the words of a call. Null when help or the version was printed.
 *
 * @throws {SkeinError} SKN-10xx, before anything is opened.
 */
export function parseCall(argv: readonly string[], options: ProgramOptions): Chosen | null {
  const chosen: Chosen[] = [];
  const program = buildProgram(options, (each) => chosen.push(each));
  try {
    program.parse(knownWords(helpAsFlag(argv), program), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (isHelp(error)) {
        return null;
      }
      throw wrongWords(error, program, options.specs);
    }
    throw error;
  }
  return chosen[0] ?? null;
}

/** `help GROUP COMMAND` as `GROUP COMMAND --help`: the words of a command in a group are shown, too. */
function helpAsFlag(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  return first === "help" ? [...rest, "--help"] : argv;
}

/**
 * The words without the wish for help where they begin with no command: help of something else would look like that of what was asked for.
 */
function knownWords(argv: readonly string[], program: Command): readonly string[] {
  const [first = "", second = ""] = argv;
  const called = program.commands.find((each) => each.name() === first);
  const isKnown = called !== undefined || isFlag(first) || first === "";
  const isGroup = called !== undefined && called.commands.length > 0;
  const isInGroup =
    !isGroup || isFlag(second) || called.commands.some((each) => each.name() === second);
  return isKnown && isInGroup ? argv : argv.filter((word) => !isHelpWord(word));
}

function isFlag(word: string): boolean {
  return word.startsWith("-");
}

/** The flags that every command understands, read before the words are known to be right. */
export function globalFlagsOf(argv: readonly string[], io: CliIo): GlobalFlags {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const noInput = words.includes("--no-input") || (io.env["CI"] ?? "") !== "";
  return {
    json: words.includes("--json"),
    debug: words.includes("--debug"),
    color: wantsColor(!words.includes("--no-color"), io),
    input: !noInput && io.isInteractive,
  };
}

/** The words of all commands, with their groups, as commander has them. */
export function buildProgram(options: ProgramOptions, choose: (chosen: Chosen) => void): Command {
  const { specs, groups, version, io, globals } = options;
  const program = newCommand("skein", io)
    .description("Keeps many coding agents in formation: one plan, one set of path leases.")
    .version(version, "-V, --version", "print the version")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", "\nEvery failure has a code: run `skein explain SKN-####`.");
  const parents = new Map<string, Command>();
  for (const spec of specs) {
    const [first = "", second] = spec.name.split(" ");
    let parent = program;
    if (second !== undefined) {
      parent = parents.get(first) ?? newGroup(first, groups[first] ?? "", io);
      if (!parents.has(first)) {
        parents.set(first, parent);
        program.addCommand(parent);
      }
    }
    const leaf = newLeaf(spec, { io, globals, choose });
    parent.addCommand(leaf, { hidden: spec.isHidden === true });
    if (second === undefined) {
      // A command may be called alone and hold others, as `skein review` and `skein review list`.
      parents.set(first, leaf);
    }
  }
  return program;
}

function newCommand(name: string, io: CliIo): Command {
  return (
    addGlobals(new Command(name))
      .exitOverride()
      // Behind a command's word the options are that command's, also where the one before it has some of the same name.
      .enablePositionalOptions()
      .showSuggestionAfterError(true)
      .configureOutput({
        writeOut: (text) => {
          io.write(text);
        },
        writeErr: () => undefined,
        getOutHasColors: () => false,
      })
  );
}

/** A command that only holds others: called alone it says so. */
function newGroup(name: string, summary: string, io: CliIo): Command {
  return newCommand(name, io).description(summary).helpCommand(false);
}

function addGlobals(command: Command): Command {
  return command
    .option("--json", "print JSON")
    .option("--debug", "show where a failure came from")
    .option("--no-color", "no colours")
    .option("--no-input", "never ask")
    .option("--url <address>", "the server to ask; its token is in SKEIN_TOKEN or SKEIN_TOKEN_FILE")
    .option(
      "--db <address>",
      "the database: an address without a password, env:NAME, file:/path or sqlite",
    )
    .option("--project <name>", "the project in the database");
}

interface LeafParts {
  readonly io: CliIo;
  readonly globals: GlobalFlags;
  readonly choose: (chosen: Chosen) => void;
}

function newLeaf(spec: CommandSpec, { io, globals, choose }: LeafParts): Command {
  const name = spec.name.split(" ").at(-1) ?? spec.name;
  const command = newCommand(name, io).description(spec.summary).helpCommand(false);
  for (const { name: argument, summary, count } of spec.args) {
    command.argument(argumentText(argument, count), summary);
  }
  for (const option of spec.options) {
    command.addOption(newOption(option));
  }
  if (spec.isRaw === true) {
    command.allowUnknownOption(true).helpOption(false);
  }
  return command.action(() => {
    if (spec.isRaw === true && isHelpWord(command.args[0])) {
      command.outputHelp();
      return;
    }
    const words: readonly unknown[] = command.processedArgs.flat();
    checkForms(command.opts(), spec.options, globals);
    choose({
      spec,
      call: {
        io,
        globals,
        args: spec.isRaw === true ? command.args : words.filter(isText),
        options: optionsOf(command.opts()),
      },
    });
  });
}

/** A raw command takes all words as they are; the first of them may still ask what it is. */
function isHelpWord(word: string | undefined): boolean {
  return word === "--help" || word === "-h";
}

/** Of two forms one would be printed, and whoever reads the other would take it for that. @throws {SkeinError} SKN-1010 */
function checkForms(
  given: Readonly<Record<string, unknown>>,
  options: readonly OptionSpec[],
  { json }: GlobalFlags,
): void {
  const forms = options.filter(
    ({ flags, isForm }) => isForm === true && given[flags.slice(2)] === true,
  );
  const named = [...(json ? ["--json"] : []), ...forms.map(({ flags }) => flags)];
  if (named.length > 1) {
    throw new SkeinError(cliErrors.badUsage, {
      message: `One form is printed, and ${named.join(" and ")} name ${String(named.length)}.`,
      fix: "Give one of them.",
    });
  }
}

function argumentText(name: string, count: "one" | "optional" | "many" | "any"): string {
  const texts = {
    one: `<${name}>`,
    optional: `[${name}]`,
    many: `<${name}...>`,
    any: `[${name}...]`,
  };
  return texts[count];
}

function newOption({ flags, summary, value }: OptionSpec): Option {
  const option = new Option(flags, summary);
  return value.is === "flag"
    ? option
    : option.argParser((text: string) => readValue(text, option.long ?? flags, value));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function optionsOf(values: Readonly<Record<string, unknown>>): Options {
  return {
    text: (name) => {
      const value = values[name];
      return typeof value === "string" ? value : null;
    },
    flag: (name) => values[name] === true,
    number: (name) => {
      const value = values[name];
      return typeof value === "number" ? value : null;
    },
  };
}

function isHelp({ code }: CommanderError): boolean {
  return ["commander.helpDisplayed", "commander.version"].includes(code);
}

/** Adds the closest known word to an error of a mistyped one. */
export function didYouMean(error: SkeinError, typed: string, known: Iterable<string>): SkeinError {
  const guess = nearest(typed, known);
  return guess === null
    ? error
    : new SkeinError(
        {
          code: error.code,
          kind: error.kind,
          title: error.message,
          cause: error.why,
          fix: error.fix,
        },
        {
          fix: `Did you mean ${guess}?`,
          facts: { ...error.facts, did_you_mean: guess },
          cause: error,
        },
      );
}

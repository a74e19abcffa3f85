import type { Command, CommanderError } from "commander";
import { SkeinError } from "../core/base/errors.ts";
import type { ErrorEntry } from "../core/base/errors.ts";
import { nearest } from "../core/base/nearest.ts";
import type { CommandSpec } from "./command.ts";
import { cliErrors } from "./errors.ts";

const entries = {
  "commander.unknownCommand": cliErrors.unknownCommand,
  "commander.help": cliErrors.unknownCommand,
  "commander.unknownOption": cliErrors.unknownOption,
  "commander.missingArgument": cliErrors.missingArgument,
  "commander.excessArguments": cliErrors.excessArguments,
  "commander.optionMissingArgument": cliErrors.missingValue,
  "commander.invalidArgument": cliErrors.badValue,
} as const;

/** What is wrong with the words of a call, as an error of ours: SKN-10xx. */
export function wrongWords(
  error: CommanderError,
  program: Command,
  specs: readonly CommandSpec[],
): SkeinError {
  if (error.code === "commander.help") {
    return missingSubcommand(program, specs);
  }
  const excess = error.code === "commander.excessArguments";
  const unknown = error.code === "commander.unknownCommand";
  return (
    (excess ? unknownSubcommand(program) : null) ??
    (unknown ? wordOfGroup(program, specs) : null) ??
    asSaid(error, program)
  );
}

/** The second word of commands, called without the first: `skein why` is `skein task why`. Null: it is of none. */
function wordOfGroup(program: Command, specs: readonly CommandSpec[]): SkeinError | null {
  const [word = ""] = program.args;
  const meant = specs
    .filter(({ name, isHidden }) => isHidden !== true && name.split(" ")[1] === word)
    .map(({ name }) => `skein ${name}`);
  const guesses = listed(meant.map((each) => `\`${each}\``));
  return meant.length === 0
    ? null
    : new SkeinError(cliErrors.unknownCommand, {
        message: `Unknown command '${word}'.`,
        fix: `Did you mean ${guesses}?`,
        facts: { did_you_mean: meant.length === 1 ? (meant[0] ?? "") : meant },
      });
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** Where the words of a command are told. */
function helpOf(program: Command): string {
  const called = program.commands.find((each) => each.name() === program.args[0]);
  const second = called?.commands.find((each) => each.name() === called.args[0]);
  const names = [called, second].flatMap((each) => (each === undefined ? [] : [each.name()]));
  return `\`${["skein", ...names, "--help"].join(" ")}\``;
}

/** What to do about a wrong word where nothing better is known. */
function fixOf(entry: ErrorEntry, program: Command): string {
  switch (entry.code) {
    case cliErrors.excessArguments.code:
      return `Put quotes around texts with spaces, or leave the last words out; ${helpOf(program)} shows what it takes.`;
    case cliErrors.missingArgument.code:
    case cliErrors.unknownOption.code:
      return `${helpOf(program)} shows what it takes.`;
    default:
      return entry.fix;
  }
}

function asSaid({ code, message }: CommanderError, program: Command): SkeinError {
  const entry = Object.entries(entries).find(([each]) => each === code)?.[1] ?? cliErrors.badUsage;
  const [first = "", suggestion] = message.replace(/^error: /u, "").split("\n");
  const guess = /\(Did you mean (.+?)\?\)/u.exec(suggestion ?? "")?.[1] ?? null;
  return new SkeinError(entry, {
    message: sentence(withoutValue(first)),
    fix: guess === null ? fixOf(entry, program) : `Did you mean \`${guess}\`?`,
    facts: guess === null ? {} : { did_you_mean: guess },
  });
}

/** A word behind a command that may be called alone and holds others, as `skein review`, was meant for one of those; null: it was not. */
function unknownSubcommand(program: Command): SkeinError | null {
  const called = program.commands.find((each) => each.name() === program.args[0]);
  const known = called?.commands.map((each) => each.name()) ?? [];
  const word = called?.args[0] ?? "";
  if (known.length === 0 || known.includes(word)) {
    return null;
  }
  const guess = nearest(word, known);
  return new SkeinError(cliErrors.unknownCommand, {
    message: `Unknown command '${word}'.`,
    fix: guess === null ? `Use one of: ${known.join(", ")}.` : `Did you mean \`${guess}\`?`,
    facts: guess === null ? { known } : { did_you_mean: guess },
  });
}

function missingSubcommand(program: Command, specs: readonly CommandSpec[]): SkeinError {
  const group = program.args.find((word) => !word.startsWith("-")) ?? "";
  const known = specs.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name);
  if (known.length === 0) {
    return new SkeinError(cliErrors.missingArgument, {
      message: "No command was given.",
      fix: "Run `skein --help` to see all commands, or `skein init` to begin.",
    });
  }
  return new SkeinError(cliErrors.missingArgument, {
    message: `\`skein ${group}\` needs a second word.`,
    fix: `Use one of: ${known.map((name) => `skein ${name}`).join(", ")}.`,
    facts: { known },
  });
}

/** What stands behind an option that is not known may be a secret, or a whole file. */
function withoutValue(text: string): string {
  const shown = text.replace(/'(--?[\w-]+)=.*'/su, "'$1'");
  return shown.length <= mostShown ? shown : `${shown.slice(0, mostShown)}…`;
}

const mostShown = 500;

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return upper.endsWith(".") ? upper : `${upper}.`;
}

/** The manual pages, written from the same table as completion and `docs/cli.md`: one of the program, one for each first word of a command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { catalog, groups } from "../src/cli/catalog.ts";
import type { ArgumentSpec, CommandSpec } from "../src/cli/command.ts";
import { machineVariables } from "../src/cli/config/variables.ts";
import { processIo } from "../src/cli/io.ts";
import { buildProgram } from "../src/cli/program.ts";
import { root } from "./run.ts";

/** The folder of the pages, as `package.json` names it. */
export const manFolder = "man";

/** When the form of these pages was last changed. */
const date = "2026-11-30";

/** Every page's text, by its file's name. */
export function manPages(): ReadonlyMap<string, string> {
  const shown = catalog.filter(({ isHidden }) => isHidden !== true);
  const words = [...new Set(shown.map(firstWord))];
  const pages = words.map((word): readonly [string, string] => [
    `skein-${word}.1`,
    wordPage(
      word,
      shown.filter((spec) => firstWord(spec) === word),
    ),
  ]);
  return new Map([["skein.1", programPage(shown, words)], ...pages]);
}

function programPage(shown: readonly CommandSpec[], words: readonly string[]): string {
  return page("skein", [
    section("NAME", ["skein \\- keep many coding agents in formation"]),
    section("SYNOPSIS", [".B skein", "\\fICOMMAND\\fR [\\fIOPTION\\fR]..."]),
    section("DESCRIPTION", [
      text(
        "Skein gives the agents that work on one git repository one plan, one set of path leases, one review and one budget. It works on the repository around the current folder; all worktrees of it see the same board.",
      ),
    ]),
    section(
      "COMMANDS",
      shown.flatMap((spec) => tagged(usageOf(spec), text(spec.summary))),
    ),
    section("OPTIONS", [text("Every command takes these:"), ...globalOptions()]),
    section(
      "EXIT STATUS",
      exitRows().flatMap(([code, meaning]) => tagged(code, text(meaning))),
    ),
    section("ENVIRONMENT", [
      text("A setting's variable is its name in capitals: leases.minutes is SKEIN_LEASES_MINUTES."),
      ...machineVariables.flatMap(({ name, means }) => tagged(`\\fB${name}\\fR`, text(means))),
    ]),
    section("FILES", [
      ...tagged(roff("skein.yml, .github/skein.yml"), text("the settings of the repository")),
      ...tagged(roff(".env"), text("settings of one worktree, where git does not track it")),
      ...tagged(roff(".git/skein/"), text("the ledger, and what belongs to this machine")),
    ]),
    section("SEE ALSO", [words.map((word) => `\\fBskein\\-${roff(word)}\\fR(1)`).join(",\n")]),
  ]);
}

function wordPage(word: string, specs: readonly CommandSpec[]): string {
  const own = specs.find(({ name }) => name === word);
  const about = groups[word] ?? own?.summary ?? "";
  return page(`skein-${word}`, [
    section("NAME", [`skein\\-${roff(word)} \\- ${text(about)}`]),
    section(
      "SYNOPSIS",
      specs.flatMap((spec, at) => [...(at === 0 ? [] : [".br"]), usageOf(spec)]),
    ),
    section(
      "DESCRIPTION",
      specs.flatMap((spec) => commandLines(spec)),
    ),
    section("OPTIONS OF EVERY COMMAND", globalOptions()),
    section("SEE ALSO", ["\\fBskein\\fR(1)"]),
  ]);
}

function commandLines(spec: CommandSpec): readonly string[] {
  return [
    `.SS ${roff(`skein ${spec.name}`)}`,
    sentence(text(spec.summary)),
    ...spec.args.flatMap((arg) => tagged(argumentText(arg), text(arg.summary))),
    ...spec.options.flatMap(({ flags, summary }) => tagged(flagText(flags), text(summary))),
  ];
}

function firstWord({ name }: CommandSpec): string {
  return name.split(" ")[0] ?? name;
}

function usageOf({ name, args, options }: CommandSpec): string {
  const words = [...args.map(argumentText), ...(options.length > 0 ? ["[\\fIOPTION\\fR]..."] : [])];
  return [`\\fBskein ${roff(name)}\\fR`, ...words].join(" ");
}

function argumentText({ name, count }: ArgumentSpec): string {
  const word = `\\fI${roff(name.toUpperCase())}\\fR`;
  return { one: word, optional: `[${word}]`, many: `${word}...`, any: `[${word}]...` }[count];
}

/** `--plan <plan>` as bold and italics. */
function flagText(flags: string): string {
  return flags
    .split(" ")
    .map((part) =>
      part.startsWith("<")
        ? `\\fI${roff(part.slice(1, -1).toUpperCase())}\\fR`
        : `\\fB${roff(part)}\\fR`,
    )
    .join(" ");
}

const program = buildProgram(
  {
    specs: [],
    groups,
    version: "",
    io: processIo(),
    globals: { json: false, debug: false, color: false, input: false },
  },
  () => undefined,
);

/** Those that commander has for every command. */
function globalOptions(): readonly string[] {
  return [
    ...program.options
      .filter(({ long }) => long !== "--version")
      .flatMap(({ flags, description }) => tagged(flagText(flags), text(description))),
    ...tagged(flagText("--help"), "show help for a command"),
  ];
}

/** The codes and their meanings, as `docs/cli.md` tells them. */
function exitRows(): readonly (readonly [string, string])[] {
  const docs = readFileSync(join(root, "docs/cli.md"), "utf8");
  return [...docs.matchAll(/^\| (\d+) +\| (.+?) +\|$/gmu)].map(([, code = "", meaning = ""]) => [
    code,
    meaning,
  ]);
}

function page(name: string, sections: readonly string[]): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const head = `.TH ${roff(name).toUpperCase()} 1 "${date}" "skein ${version}" "Skein Manual"`;
  return `.\\" Written from the table of commands by \`npm run schema\`.\n${[head, ".nh", ".ad l", ...sections].join("\n")}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return [`.SH ${title.includes(" ") ? `"${title}"` : title}`, ...lines].join("\n");
}

function tagged(tag: string, body: string): readonly string[] {
  return [".TP", tag, body];
}

/** A text of the sources, in which words between backticks are set in bold. */
function text(words: string): string {
  return roff(words).replaceAll(/`([^`]+)`/gu, "\\fB$1\\fR");
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${/[.?!]$/u.test(words) ? "" : "."}`;
}

/** Plain text: nothing in it is a request, and hyphens stay what can be typed. */
function roff(words: string): string {
  return words
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replace(/^\./u, "\\&.");
}

import { basename } from "node:path";
import type { Repository } from "../../adapters/git/index.ts";
import { mostSourceChars, planIdOf } from "../../core/planner/index.ts";
import type { GatheredWork } from "../../gather-work.ts";
import { formatOf, parsePlan, planLimits, planToJson } from "../../core/plans/index.ts";
import { plainForOthers } from "../../adapters/git/plain-path.ts";
import type { Call, CommandSpec, OptionSpec } from "../command.ts";
import { readGiven } from "../files.ts";
import { rootPatterns } from "../paths.ts";

/** A call's words as a server takes them: nothing in them is of this disk. */
export interface ServerWords {
  readonly args: readonly string[];
  /** By long names without dashes. */
  readonly options: Readonly<Record<string, string | true>>;
  /** What the command reads from its standard input. */
  readonly input: string | null;
  /** Where what it writes goes; null: to standard output. */
  readonly outFile: string | null;
  /** What is sent of the clone. Default: nothing. */
  readonly work?: GatheredWork | null | undefined;
}

export interface WordsFrom {
  readonly spec: CommandSpec;
  readonly call: Call;
  readonly repository: Repository | null;
}

const largestInput = 64 * 1_024 * 1_024;
const largestKey = 10_000;

/** Reads the files, resolves the paths and takes the options of a call. @throws {SkeinError} SKN-1008, SKN-8951. */
export async function wordsForServer(from: WordsFrom): Promise<ServerWords> {
  const { spec, call } = from;
  const options = optionsOf(spec.options, call);
  const plain = { args: argsOf(from), options, input: null, outFile: null };
  const ofFiles = withFiles[spec.name];
  return ofFiles === undefined ? plain : ofFiles(call, plain);
}

type OfFiles = (call: Call, plain: ServerWords) => Promise<ServerWords>;

/** Commands that read or write files of this machine, or the clone. */
const withFiles: Readonly<Record<string, OfFiles | undefined>> = {
  "plan import": async (call, { options }) => planWords(fileOf(call), options, call),
  import: async (call, plain) => ({
    ...plain,
    args: ["-"],
    input: await readGiven(fileOf(call), largestInput, call.io),
  }),
  export: async (call, plain) => writing(call, plain),
  "audit export": async (call, plain) => writing(call, plain),
  "audit verify": async (call, plain) => keyWords(call, plain),
  "message send": async ({ args, io }, plain) =>
    args[0] === "-" ? { ...plain, input: await io.readInput() } : plain,
  "plan draft": async (call, { options }) => draftWords(call, options),
  review: async (_, plain) =>
    Promise.resolve({ ...plain, args: [], options: without(plain.options, ofTheClone) }),
};

function fileOf({ args }: Call): string {
  return args[0] ?? "-";
}

async function writing(call: Call, plain: ServerWords): Promise<ServerWords> {
  const file = fileOf(call);
  return Promise.resolve({ ...plain, args: ["-"], outFile: file === "-" ? null : file });
}

/** A key is read here: the server takes it for this one check. */
async function keyWords(call: Call, plain: ServerWords): Promise<ServerWords> {
  const file = call.options.text("publicKey");
  if (file === null) {
    return plain;
  }
  const input = await readGiven(file, largestKey, call.io);
  return { ...plain, options: { ...plain.options, "public-key": "-" }, input };
}

/** They name what is sent in their stead. */
const ofTheClone: readonly string[] = ["base", "range", "patch", "worktree", "verify-seconds"];

function without(
  options: ServerWords["options"],
  names: readonly string[],
): ServerWords["options"] {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}

/** A file is read here; the plan is named after it here, too. */
async function draftWords(call: Call, options: ServerWords["options"]): Promise<ServerWords> {
  const { args, io } = call;
  const kind = ["issue", "spec"].find((name) => call.options.text(name) !== null);
  if (kind === undefined) {
    return { args, options, input: null, outFile: null };
  }
  const file = call.options.text(kind) ?? "-";
  const text = await readGiven(file, mostSourceChars * 4, io);
  const plan = planIdOf({ kind: "spec", file: file === "-" ? null : file, text });
  return { args, options: { plan, ...options, [kind]: "-" }, input: text, outFile: null };
}

/** The server sees no name of a file: the format, and the name of a plan in Markdown, are told from it here. */
async function planWords(
  file: string,
  options: ServerWords["options"],
  { io }: Call,
): Promise<ServerWords> {
  const text = await readGiven(file, planLimits.textBytes, io);
  const named = options["format"] === undefined && file !== "-" ? formatOf(file) : null;
  const isMarkdown = named === "markdown" || (options["format"] === "markdown" && file !== "-");
  if (isMarkdown) {
    const plan = parsePlan({ text, fileName: basename(file), format: "markdown" });
    return {
      args: ["-"],
      options: { ...options, format: "json" },
      input: planToJson(plan),
      outFile: null,
    };
  }
  const format = named === null ? {} : { format: named };
  return { args: ["-"], options: { ...format, ...options }, input: text, outFile: null };
}

/** Paths of leases count from where the person stands. */
function argsOf({ spec, call, repository }: WordsFrom): readonly string[] {
  const isOfPaths = spec.name === "lease take" || spec.name === "lease check";
  return isOfPaths && repository !== null
    ? rootPatterns(call.args, call.io.cwd, repository).map((path) =>
        plainForOthers(repository.root, path),
      )
    : call.args;
}

function optionsOf(specs: readonly OptionSpec[], { options }: Call): ServerWords["options"] {
  return Object.fromEntries(
    specs.flatMap(({ flags, value }) => {
      const long = /--([a-z-]+)/u.exec(flags)?.[1] ?? "";
      const name = long.replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
      const given =
        value.is === "flag"
          ? options.flag(name) || null
          : (options.text(name) ?? options.number(name)?.toString() ?? null);
      return given === null ? [] : [[long, given]];
    }),
  );
}

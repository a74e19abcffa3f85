import type { JsonObject } from "../core/base/json.ts";
import type { CliIo } from "./io.ts";

/** What a word stands for, so that a shell can complete it. */
export type WordKind =
  | "task"
  | "plan"
  | "session"
  | "lease"
  | "approval"
  | "token"
  | "code"
  | "setting"
  | "file"
  | "text";

/** One positional argument. */
export interface ArgumentSpec {
  readonly name: string;
  readonly summary: string;
  readonly kind: WordKind;
  /** `many` takes all words that are left, at least one; `any` also none. */
  readonly count: "one" | "optional" | "many" | "any";
}

/** How the text of an option is read. */
export type ValueSpec =
  | { readonly is: "flag" }
  | { readonly is: "text"; readonly kind?: WordKind | undefined }
  | { readonly is: "number"; readonly min: number; readonly max: number }
  | { readonly is: "choice"; readonly of: readonly string[] };

/** One option. */
export interface OptionSpec {
  /** As commander reads it: `--plan <plan>`. */
  readonly flags: string;
  readonly summary: string;
  readonly value: ValueSpec;
  /** True for a flag that names the form of what is printed: at most one is given, `--json` included. */
  readonly isForm?: boolean | undefined;
}

/** One command: its words, its options, and where its code is. */
export interface CommandSpec {
  /** `plan import`; one or two words. */
  readonly name: string;
  readonly summary: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Left out of help. */
  readonly isHidden?: boolean | undefined;
  /** True for a command that reads its own words: nothing is checked before it runs. */
  readonly isRaw?: boolean | undefined;
  /** Loads the code; nothing else of a command is loaded before it runs. */
  readonly load: () => Promise<Run>;
}

/** What every command understands. */
export interface GlobalFlags {
  readonly json: boolean;
  readonly debug: boolean;
  readonly color: boolean;
  /** False: nobody is asked anything. */
  readonly input: boolean;
}

/** The options of one call, read by name in camel case. */
export interface Options {
  text(name: string): string | null;
  flag(name: string): boolean;
  number(name: string): number | null;
}

/** One call of a command. */
export interface Call {
  readonly io: CliIo;
  readonly globals: GlobalFlags;
  /** The words of the positional arguments, as given. */
  readonly args: readonly string[];
  readonly options: Options;
}

/** What a command answers: the same facts for programs and for people. */
export interface Answer {
  readonly data: JsonObject;
  readonly lines: readonly string[];
  /** Default 0. */
  readonly exitCode?: number | undefined;
}

/** Runs a command. A number: it has written by itself and ends with that code. */
export type Run = (call: Call) => Promise<Answer | number>;

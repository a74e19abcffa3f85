import { SkeinError } from "../core/base/errors.ts";
import { settingsErrors } from "./errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Tells whether a variable that is 1 or 0 is on; one that is empty says nothing. @throws {SkeinError} SKN-2005 for another text. */
export function isSwitchedOn(env: Env, name: string): boolean {
  return wordOf(env, name, ["1", "0"]) === "1";
}

/** Reads a variable that is one of some words; null where it says nothing. @throws {SkeinError} SKN-2005 naming the words. */
export function wordOf<Word extends string>(
  env: Env,
  name: string,
  words: readonly Word[],
): Word | null {
  const text = textOf(env, name);
  if (text === null) {
    return null;
  }
  const word = words.find((each) => each === text);
  if (word === undefined) {
    throw wrongVariable(name, text, words.join(" or "));
  }
  return word;
}

/** How much of a machine is kept free, in megabytes. */
export interface KeptFree {
  readonly memoryMb: number;
  readonly diskMb: number;
}

/** Reads what is kept free of this machine; 0 for nothing. @throws {SkeinError} SKN-2005. */
export function keptFree(env: Env): KeptFree {
  return {
    memoryMb: megabytesOf(env, "SKEIN_MIN_FREE_MEMORY_MB") ?? 64,
    diskMb: megabytesOf(env, "SKEIN_MIN_FREE_DISK_MB") ?? 256,
  };
}

function megabytesOf(env: Env, name: string): number | null {
  const text = textOf(env, name);
  if (text !== null && !/^\d{1,9}$/u.test(text)) {
    throw wrongVariable(name, text, "a whole number of megabytes from 0 to 999,999,999");
  }
  return text === null ? null : Number(text);
}

function textOf(env: Env, name: string): string | null {
  const text = (env[name] ?? "").trim();
  return text === "" ? null : text;
}

function wrongVariable(name: string, text: string, allowed: string): SkeinError {
  const value = text.slice(0, 40);
  return new SkeinError(settingsErrors.settingsOverride, {
    message: `The variable ${name} is ${JSON.stringify(value)}; it takes ${allowed}.`,
    facts: { variable: name, value },
  });
}

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

/** How much of the memory, or of the disk, is kept free: the larger of both. */
export interface KeptPart {
  /** In megabytes; 0 for nothing. */
  readonly leastMb: number;
  /** How much of the whole may be in use, from 1 to 99; null: no share counts. */
  readonly mostPercent: number | null;
}

/** How much of a machine is kept free. */
export interface KeptFree {
  readonly memory: KeptPart;
  readonly disk: KeptPart;
}

/** Reads what is kept free of this machine. @throws {SkeinError} SKN-2005. */
export function keptFree(env: Env): KeptFree {
  return {
    memory: {
      leastMb: megabytesOf(env, "SKEIN_MIN_FREE_MEMORY_MB") ?? 64,
      mostPercent: percentOf(env, "SKEIN_MAX_MEMORY_PERCENT"),
    },
    disk: {
      leastMb: megabytesOf(env, "SKEIN_MIN_FREE_DISK_MB") ?? 256,
      mostPercent: percentOf(env, "SKEIN_MAX_DISK_PERCENT"),
    },
  };
}

function megabytesOf(env: Env, name: string): number | null {
  const text = textOf(env, name);
  if (text !== null && !/^\d{1,9}$/u.test(text)) {
    throw wrongVariable(name, text, "a whole number of megabytes from 0 to 999,999,999");
  }
  return text === null ? null : Number(text);
}

function percentOf(env: Env, name: string): number | null {
  const text = textOf(env, name);
  if (text !== null && !/^[1-9]\d?$/u.test(text)) {
    throw wrongVariable(name, text, "a whole number of percent from 1 to 99");
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

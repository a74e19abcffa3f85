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
    throw wrongVariable({ name, text, allowed: words.join(" or ") });
  }
  return word;
}

/** Reads the providers that are trusted where nobody can be asked, by their fingerprints; apart by commas. @throws {SkeinError} SKN-2005. */
export function trustedProviders(env: Env): ReadonlySet<string> {
  const name = "SKEIN_TRUSTED_PROVIDERS";
  const given = (env[name] ?? "").split(",").map((each) => each.trim());
  const fingerprints = given.filter((each) => each !== "");
  const wrong = fingerprints.find((each) => !/^[\da-f]{32}$/u.test(each));
  if (wrong !== undefined) {
    const allowed =
      "fingerprints of 32 digits and letters from a to f, as `skein models trust` shows them, apart by commas";
    throw wrongVariable({ name, text: wrong, allowed, verb: "names" });
  }
  return new Set(fingerprints);
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
    throw wrongVariable({
      name,
      text,
      allowed: "a whole number of megabytes from 0 to 999,999,999",
    });
  }
  return text === null ? null : Number(text);
}

function percentOf(env: Env, name: string): number | null {
  const text = textOf(env, name);
  if (text !== null && !/^[1-9]\d?$/u.test(text)) {
    throw wrongVariable({ name, text, allowed: "a whole number of percent from 1 to 99" });
  }
  return text === null ? null : Number(text);
}

function textOf(env: Env, name: string): string | null {
  const text = (env[name] ?? "").trim();
  return text === "" ? null : text;
}

interface Wrong {
  readonly name: string;
  readonly text: string;
  readonly allowed: string;
  /** Where the text is one of several: `names`. Default `is`. */
  readonly verb?: "is" | "names";
}

function wrongVariable({ name, text, allowed, verb = "is" }: Wrong): SkeinError {
  const value = text.slice(0, 40);
  return new SkeinError(settingsErrors.settingsOverride, {
    message: `The variable ${name} ${verb} ${JSON.stringify(value)}; it takes ${allowed}.`,
    facts: { variable: name, value },
  });
}

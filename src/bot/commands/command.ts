import type { Permission } from "../../core/hosting/index.ts";
import { presetNames } from "../../core/review/index.ts";
import type { PresetName } from "../../core/review/index.ts";
import { linesOfProse } from "./prose.ts";

/** What somebody wrote in a comment to Skein. */
export type Command =
  | { readonly kind: "plan" | "rules" }
  | { readonly kind: "tell"; readonly what: "status" | "budget" | "help" }
  | { readonly kind: "approve"; readonly hash: string }
  | {
      readonly kind: "review";
      readonly isFull: boolean;
      readonly preset: PresetName | null;
      /** The head that was looked at, in full; null: none was named. */
      readonly sha: string | null;
    }
  | { readonly kind: "steer"; readonly act: "ignore" | "pause" | "resume" | "resolve" }
  | { readonly kind: "assign"; readonly login: string | null }
  /** It is spoken to Skein, and Skein does not know it. */
  | { readonly kind: "unknown"; readonly word: string };

/**
 * Reads the first command of a comment: a line that begins with `/skein`, outside of code, quotes and hidden text. Null: there is none. A comment holds
 * one command; what stands below it is for people.
 */
export function parseCommand(body: string): Command | null {
  for (const line of linesOfProse(body)) {
    const match = /^\/skein(?:[ \t]+(.*))?$/u.exec(line.trimEnd());
    if (match !== null) {
      return read((match[1] ?? "help").split(/[ \t]+/u).filter((word) => word !== ""));
    }
  }
  return null;
}

/** Commands of one word. */
const alone: Readonly<Record<string, Command>> = {
  plan: { kind: "plan" },
  rules: { kind: "rules" },
  status: { kind: "tell", what: "status" },
  budget: { kind: "tell", what: "budget" },
  help: { kind: "tell", what: "help" },
  ignore: { kind: "steer", act: "ignore" },
  pause: { kind: "steer", act: "pause" },
  resume: { kind: "steer", act: "resume" },
  resolve: { kind: "steer", act: "resolve" },
};

function read([word = "help", ...rest]: readonly string[]): Command {
  const plain = Object.hasOwn(alone, word) ? alone[word] : undefined;
  if (plain !== undefined) {
    return rest.length === 0 ? plain : unknown([word, ...rest]);
  }
  switch (word) {
    case "approve":
      return readApprove(rest);
    case "review":
      return readReview(rest, false);
    case "full":
      return rest[0] === "review" ? readReview(rest.slice(1), true) : unknown([word, ...rest]);
    case "assign":
      return readAssign(rest);
    default:
      return unknown([word]);
  }
}

function readApprove(rest: readonly string[]): Command {
  const [hash = ""] = rest;
  return rest.length === 1 && /^[0-9a-f]{8,64}$/iu.test(hash)
    ? { kind: "approve", hash: hash.toLowerCase() }
    : unknown(["approve", ...rest]);
}

function readReview(rest: readonly string[], isFull: boolean): Command {
  const preset = presetNames.find((name) => rest.includes(name)) ?? null;
  const sha = rest.find((word) => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(word)) ?? null;
  const known = [preset, sha].filter((word) => word !== null);
  return known.length === rest.length
    ? { kind: "review", isFull, preset, sha }
    : unknown([isFull ? "full review" : "review", ...rest]);
}

function readAssign(rest: readonly string[]): Command {
  const [name] = rest;
  if (name === undefined) {
    return { kind: "assign", login: null };
  }
  const login = name.replace(/^@/u, "");
  return rest.length === 1 && /^[A-Za-z0-9][\w-]{0,99}$/u.test(login)
    ? { kind: "assign", login }
    : unknown(["assign", ...rest]);
}

function unknown(words: readonly string[]): Command {
  return { kind: "unknown", word: words.join(" ").slice(0, 80) };
}

/** The least that somebody must be allowed to do here. What only tells something is for all who may sort issues. */
export function neededFor({ kind }: Command): Permission {
  return kind === "tell" || kind === "unknown" ? "triage" : "write";
}

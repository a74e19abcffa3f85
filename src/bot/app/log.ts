import { SkeinError } from "../../core/base/errors.ts";
import type { BotLog } from "../context.ts";

/** Takes one line for people and programs. */
export type WriteLine = (line: string) => void;

/** The App's own log: a word and facts a line, as JSON. Nothing of a payload is in it. */
export interface AppLog {
  say(what: string, facts?: Readonly<Record<string, unknown>>): void;
  /** The same for a failure: its code, message and next step where it is ours, else its kind alone. */
  fault(what: string, error: unknown, facts?: Readonly<Record<string, unknown>>): void;
  /** For handlers. */
  readonly forHandlers: BotLog;
}

export function createAppLog(write: WriteLine, nowMs: () => number): AppLog {
  const say: AppLog["say"] = (what, facts = {}) => {
    write(JSON.stringify({ at: new Date(nowMs()).toISOString(), what, ...facts }));
  };
  return {
    say,
    fault: (what, error, facts = {}) => {
      say(what, { ...factsOf(error), ...facts });
    },
    forHandlers: {
      info: (text) => {
        say("handler", { text });
      },
      debug: () => undefined,
      warn: (text) => {
        say("handler", { text, level: "warning" });
      },
      group: async (_, work) => work(),
    },
  };
}

/** The message of a foreign error may quote what it choked on. */
function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof SkeinError) {
    return { ...error.facts, code: error.code, message: error.message, fix: error.fix };
  }
  const place = error instanceof Error ? error.stack?.split("\n")[1]?.trim() : undefined;
  return { error: error instanceof Error ? error.name : typeof error, place };
}

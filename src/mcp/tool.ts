import type * as z from "zod";
import type { Actor } from "../core/base/ids.ts";
import type { Caller } from "../core/dispatch/index.ts";
import type { Skein } from "../core/index.ts";
import type { SentWork } from "../sent-work.ts";
import type { PathInRepository } from "./paths.ts";
import type { PlanDesk } from "./plan-desk.ts";
import type { ReviewDesk } from "./review-desk.ts";

/**
 * What a tool does to the world, from which its annotations follow: `reads` changes nothing, `adds` only adds (and may be called again
 * with the same arguments without harm), `appends` adds anew with each call unless it bears a key, `asks` sends what it is given to providers
 of models besides.
 */
export type Effect = "reads" | "adds" | "appends" | "asks";

/** Puts a question to the person at the client's side. */
export type AskPerson = (question: Question) => Promise<PersonAnswer>;

export type PersonAnswer =
  /** Null when no answer came in time, or none was given. */
  | { readonly kind: "asked"; readonly answer: string | null }
  /** The client asks after this call and brings the answer with another one. */
  | { readonly kind: "later" };

export interface Question {
  readonly id: string;
  readonly text: string;
  /** What may be answered; empty: any text. */
  readonly options: readonly string[];
  readonly waitMs: number;
}

/** One call of a tool, apart from its arguments. */
export interface ToolCall {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Where paths of the call are relative to; null when the caller is elsewhere: its paths count from the root. */
  readonly place: PathInRepository | null;
  /** The commit that the caller's worktree stands at now; null where nobody can tell. */
  head(this: void): string | null;
  /** Null when the client cannot ask its person. */
  readonly askPerson: AskPerson | null;
  /** Who that person is, as the machine knows them. */
  readonly person: Actor;
  /** The reviews that this server runs. */
  readonly reviews: ReviewDesk;
  /** The plans that this server has models draft. */
  readonly planning: PlanDesk;
  /** What the caller sent of its repository. */
  readonly sent: SentWork;
  /** Tells the client how far the call is, where it wants to know. */
  readonly tellProgress: TellProgress;
}

/** Never rejects: nobody waits for progress. */
export type TellProgress = (progress: Progress) => void;

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

/** What every tool's arguments have in common. */
export interface CommonInput {
  readonly session?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly skills?: readonly string[] | undefined;
}

/** A tool as data: how it is announced, and the handler, which translates and does nothing more. */
export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  /** Verb and object, without a prefix: hosts add their own. */
  readonly name: string;
  readonly title: string;
  /** What, when, and what failure looks like; at most 300 characters, never with words from users. */
  readonly description: string;
  readonly effect: Effect;
  readonly input: I;
  readonly output: O;
  run(this: void, skein: Skein, input: z.output<I>, call: ToolCall): Promise<z.input<O>>;
}

/** A tool that the server can list and call without knowing its types. */
export interface AnyTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** Reads the arguments; the answer runs the call with them. */
  prepare(this: void, input: unknown): Prepared;
}

export type Prepared =
  | {
      readonly kind: "ready";
      readonly common: CommonInput;
      run(this: void, skein: Skein, call: ToolCall): Promise<Readonly<Record<string, unknown>>>;
    }
  | { readonly kind: "refused"; readonly issues: readonly z.core.$ZodIssue[] };

/** Declares a tool; its arguments are read once, at the door. */
export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(
  tool: Tool<I, O>,
): AnyTool {
  const { name, title, description, effect, input, output, run } = tool;
  return {
    name,
    title,
    description,
    effect,
    input,
    output,
    prepare: (given) => {
      const parsed = input.safeParse(given, { reportInput: true });
      return parsed.success
        ? {
            kind: "ready",
            common: parsed.data,
            run: (skein, call) => run(skein, parsed.data, call),
          }
        : { kind: "refused", issues: parsed.error.issues };
    },
  };
}

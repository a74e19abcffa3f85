import type { LooseObject } from "../../core/base/loose-object.ts";
import type { Caller } from "../../core/dispatch/index.ts";
import { answerHook } from "./answer-hook.ts";
import type { HookAnswer } from "./answer.ts";
import type { HookContext, Notes } from "./context.ts";
import { isHookEvent } from "./payload.ts";
import { factsFromWire, toldWorktree } from "./remote-facts.ts";

/** One question of a hook that runs on another machine. */
export interface RemoteQuestion {
  readonly skein: HookContext["skein"];
  /** The word in the route: an event of hooks. */
  readonly event: string;
  readonly body: LooseObject;
  /** As the request named it; a session is joined or found by it alone. */
  readonly caller: Caller;
  readonly notes: Notes;
}

/** Answers a hook of another machine from the ledger, by the same rules as one of this; null when it is no question of a hook. */
export async function answerRemoteHook(question: RemoteQuestion): Promise<HookAnswer | null> {
  const { skein, event, body, caller, notes } = question;
  const told = isHookEvent(event) ? factsFromWire(event, body) : null;
  if (told === null) {
    return null;
  }
  const exempt = new Set(told.facts.exempt);
  return answerHook(
    {
      skein,
      caller,
      notes,
      isExempt: async (path) => Promise.resolve(exempt.has(path)),
      worktree: toldWorktree(told.facts),
    },
    told.call,
  );
}

/** Notes that live as long as the server, the oldest forgotten first: hooks bear their loss. */
export function createMemoryNotes(most = 10_000): Notes {
  const notes = new Map<string, string>();
  return {
    read: (name) => notes.get(name) ?? null,
    write: (name, text) => {
      notes.delete(name);
      notes.set(name, text);
      const [oldest] = notes.size > most ? notes.keys() : [];
      if (oldest !== undefined) {
        notes.delete(oldest);
      }
    },
  };
}

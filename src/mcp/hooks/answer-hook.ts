import type { HookAnswer } from "./answer.ts";
import type { HookContext } from "./context.ts";
import type { HookCall, HookEvent } from "./payload.ts";
import { postEdit } from "./post-edit.ts";
import { postShell } from "./post-shell.ts";
import { preEdit } from "./pre-edit.ts";
import { preSkein } from "./pre-skein.ts";
import { sessionStart } from "./session-start.ts";
import { sessionEnd, stop, subagentStop } from "./stop.ts";

type Answerer = (context: HookContext, call: HookCall) => Promise<HookAnswer>;

const answerers: Readonly<Record<HookEvent, Answerer>> = {
  "session-start": sessionStart,
  "pre-edit": preEdit,
  "pre-skein": preSkein,
  "post-edit": postEdit,
  "post-shell": postShell,
  stop,
  "subagent-stop": subagentStop,
  "session-end": sessionEnd,
};

/** Answers one call of a hook from the ledger. */
export function answerHook(context: HookContext, call: HookCall): Promise<HookAnswer> {
  return answerers[call.event](context, call);
}

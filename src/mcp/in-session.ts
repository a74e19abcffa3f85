import type { Json } from "../core/base/json.ts";
import { findSession, identify } from "../core/dispatch/index.ts";
import type { Caller, Standing } from "../core/dispatch/index.ts";
import type { Skein } from "../core/index.ts";
import type { Transaction } from "../core/store/index.ts";

/** A writing call of a tool: who calls, and what makes it the same call again. */
export interface WritingCall {
  readonly caller: Caller;
  readonly key: string | null;
  readonly operation: string;
  readonly args: Json;
}

export interface InSession {
  readonly standing: Standing;
  /** What the work came to, now or when the key was first used. */
  readonly result: Json;
}

/** Does a tool's write in one transaction with joining or renewing its session, once for a key. */
export async function inSession(
  skein: Skein,
  { caller, ...once }: WritingCall,
  work: (tx: Transaction, standing: Standing) => Promise<Json>,
): Promise<InSession> {
  return skein.store.write(async (tx) => {
    const standing = await identify(skein.sessions, tx, caller);
    const { result } = await skein.sessions.once(
      tx,
      { ...once, session: standing.session.id },
      async () => work(tx, standing),
    );
    return { standing, result };
  });
}

/** The caller's standing for a call that only reads: nothing is written but what joining and a due renewal need. */
export async function standingOf(skein: Skein, caller: Caller): Promise<Standing> {
  const { handle } = caller;
  const found =
    handle === null
      ? null
      : await skein.store.read((reader) => findSession(skein.sessions, reader, caller));
  if (found === null || handle === null) {
    return skein.dispatch.identify(caller);
  }
  await skein.sessions.renewIfDue(skein.store, found);
  return { session: found, handle, joined: false };
}

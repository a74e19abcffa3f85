import type { Repository } from "../../adapters/git/index.ts";
import type { ServerPlace } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { ownObject, ownText } from "../../core/base/loose-object.ts";
import { callerHeaders, worktreeName } from "../../adapters/server/caller-headers.ts";
import { serverErrors } from "../../adapters/server/index.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { isAgent } from "./context.ts";
import { editedPaths } from "./edited-paths.ts";
import { callerOfHook } from "./hook-context.ts";
import { changedSince, createLocalWorktree, rememberFor } from "./local-worktree.ts";
import type { LocalPlace } from "./local-worktree.ts";
import { committedExemptions, notesIn } from "./open-ledger.ts";
import type { HookCall, HookEvent } from "./payload.ts";
import { isTold } from "./pre-skein.ts";
import { projectPaths } from "./project-paths.ts";
import { factsToWire } from "./remote-facts.ts";
import type { RemoteFacts } from "./remote-facts.ts";
import { isHookAnswer } from "./wire.ts";

/** A hook's call in a clone that a server coordinates. */
export interface ServerQuestion {
  readonly server: ServerPlace;
  readonly repository: Repository;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An editor stands still meanwhile: so long a hook waits for one try, and for all of them. */
const limits = { silenceMs: 3_000, patienceMs: 1_500 };

/** Answers a hook through the server: what the worktree says is looked at here, what the ledger says is asked there. */
export async function answerFromServer(
  call: HookCall,
  question: ServerQuestion,
): Promise<HookAnswer> {
  const { server, repository, env } = question;
  const caller = {
    ...callerOfHook({ repository, env }, call),
    process: null,
    gitDir: worktreeName(repository.gitDir),
  };
  const place: LocalPlace = {
    repository,
    cwd: call.cwd ?? question.cwd,
    env,
    notes: notesIn(repository),
    externalId: caller.externalId ?? caller.handle,
  };
  const facts = await factsOf(call, place, isAgent(caller));
  if (facts === null) {
    return silent;
  }
  const { connectServer } = await import("../../compose-server.ts");
  const client = connectServer(server, env);
  try {
    const answer = await client.ask(`api/v1/hooks/${call.event}`, {
      body: factsToWire(call, facts),
      headers: callerHeaders(caller),
      isRepeatable: true,
      ...limits,
      signal: null,
    });
    if (!isHookAnswer(answer)) {
      throw new SkeinError(serverErrors.notSkein);
    }
    return withInput(call, answer);
  } finally {
    client.close();
  }
}

const noFacts: RemoteFacts = { paths: [], exempt: [], isDirty: false, transcript: null };

/** What the ledger has to know for a call; null when it need not be asked. */
async function factsOf(
  call: HookCall,
  place: LocalPlace,
  isKnown: boolean,
): Promise<RemoteFacts | null> {
  if (call.event === "pre-edit") {
    return factsOfPaths(place, projectPaths(place, editedPaths(call)));
  }
  return isKnown ? gatherers[call.event](call, place) : null;
}

type Gatherer = (call: HookCall, place: LocalPlace) => Promise<RemoteFacts | null>;

/** What each event of a known agent brings. */
const gatherers: Readonly<Record<Exclude<HookEvent, "pre-edit">, Gatherer>> = {
  "session-start": async (_call, place) => {
    await rememberFor(place, place.externalId ?? "");
    return noFacts;
  },
  "post-shell": async (_call, place) => {
    const changed = await changedSince(place, place.externalId ?? "", null);
    return (await factsOfPaths(place, changed)) ?? noFacts;
  },
  "post-edit": async () => Promise.resolve(noFacts),
  "pre-skein": async (call) => Promise.resolve(isTold(call) ? null : noFacts),
  stop: factsOfEnd,
  "subagent-stop": factsOfEnd,
  "session-end": factsOfEnd,
};

async function factsOfPaths(
  { repository, env }: LocalPlace,
  paths: readonly string[],
): Promise<RemoteFacts | null> {
  return paths.length === 0
    ? null
    : { ...noFacts, paths, exempt: await committedExemptions({ repository, env, paths }) };
}

async function factsOfEnd(call: HookCall, place: LocalPlace): Promise<RemoteFacts> {
  const worktree = createLocalWorktree(place);
  const isDirty = call.event === "session-end" && (await worktree.isDirty());
  return { ...noFacts, isDirty, transcript: worktree.transcriptOf(call) };
}

/** The server names the session; the rest of a tool's arguments never left this machine. */
function withInput(call: HookCall, answer: HookAnswer): HookAnswer {
  if (answer.kind !== "input") {
    return answer;
  }
  const session = ownText(ownObject({ ...answer }, "input"), "session");
  return session === null ? silent : { kind: "input", input: { ...call.input, session } };
}

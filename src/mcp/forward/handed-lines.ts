import { currentBranchOf, headCommitOf } from "../../adapters/git/index.ts";
import type { HandedLine, LineOutcome, ListenerDeps } from "../../adapters/leading/listener.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { McpContext, Worktree } from "../context.ts";
import { createHandleBook } from "../handles.ts";
import { readFrame } from "../stdio/read-frame.ts";
import { handsInHead, namesPaths, withKey } from "./arguments.ts";
import { handedContext, performHanded } from "./handed-calls.ts";
import { plainRequestIn } from "./plain-request.ts";
import type { PlainRequest } from "./plain-request.ts";
import { speakerIn } from "./speaker.ts";
import type { Speaker } from "./speaker.ts";

/**
 * Does the calls in the lines of other processes' agents, each as its own caller, and answers with whole lines: what they would do with a line is
 * cold code, and this process is warm. Only what asks for nothing but its tool, and waits for nothing, is done here.
 */
export function createHandedLines(
  context: McpContext,
  handles = createHandleBook().of("handed"),
): ListenerDeps["serveLine"] {
  const speakers = createSpeakers(context, handles);
  return async (line, signal): Promise<LineOutcome> => {
    const request = requestIn(line);
    if (request === null) {
      return { kind: "odd" };
    }
    const { id, tool, meta } = request;
    const their = speakers.contextOf(line.speaker, request);
    const outcome = await performHanded(their.context, {
      tool,
      input: withKey(tool, request.input, () => line.key),
      meta,
      client: their.client,
      signal,
    });
    return outcome.kind === "answered"
      ? {
          kind: "answered",
          text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${outcome.text}}`,
        }
      : outcome;
  };
}

function requestIn({ line }: HandedLine): PlainRequest | null {
  const frame = readFrame(line);
  const request = frame?.kind === "message" ? plainRequestIn(frame.message) : null;
  return request === null || namesPaths(request.tool, request.input) ? null : request;
}

interface Known {
  readonly speaker: Speaker;
  readonly context: McpContext;
}

/** What is known of those who speak. */
interface Speakers {
  contextOf(
    said: LooseObject,
    request: PlainRequest,
  ): Pick<Speaker, "client"> & Pick<Known, "context">;
}

function createSpeakers(context: McpContext, handles: McpContext["handles"]): Speakers {
  const known = new WeakMap<LooseObject, Known>();
  const meet = (said: LooseObject): Known => {
    const speaker = speakerIn(said);
    const met = { speaker, context: contextFor(context, speaker, handles) };
    known.set(said, met);
    return met;
  };
  return {
    contextOf: (said, request) => {
      const { speaker, context: their } = known.get(said) ?? meet(said);
      return {
        client: speaker.client,
        context: { ...their, worktree: worktreeNow(speaker, request) },
      };
    },
  };
}

function contextFor(
  context: McpContext,
  speaker: Speaker,
  handles: McpContext["handles"],
): McpContext {
  const { root, gitDir, processes, externalId, parentExternalId } = speaker;
  const their = handedContext(context, {
    caller: {
      session: speaker.handle,
      externalId,
      parentExternalId,
      branch: null,
      head: null,
      gitDir,
      process: null,
    },
    connection: speaker.connection ?? context.connection,
    handles,
    hurry: null,
    root,
  });
  return { ...their, processes: () => processes };
}

/** The speaker's worktree as it is now. */
function worktreeNow({ gitDir, commonDir }: Speaker, { tool, input }: PlainRequest): Worktree {
  if (gitDir === null) {
    return { gitDir, branch: null, head: null };
  }
  const isHead = commonDir !== null && handsInHead(tool, input);
  return {
    gitDir,
    branch: currentBranchOf({ gitDir }),
    head: isHead ? headCommitOf({ gitDir, commonDir }) : null,
  };
}

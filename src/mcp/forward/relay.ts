import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { clientNameIn } from "../client-name.ts";
import type { McpContext, OpenProject } from "../context.ts";
import { fieldAt } from "../record.ts";
import type { TakeLine } from "../stdio/line-entry.ts";
import { canceledId } from "../stdio/open-requests.ts";
import type { TakeOver, TakenMessage } from "../stdio/transport.ts";
import { leaderCallOf } from "./leader-call.ts";
import { createLineRelay } from "./line-relay.ts";
import type { Leading } from "./local-acts.ts";
import { plainRequestIn } from "./plain-request.ts";
import type { PlainRequest } from "./plain-request.ts";
import { speakerOf } from "./speaker.ts";
import type { LeaderCall } from "./way.ts";
import { withArguments } from "./with-arguments.ts";

/** Hands what comes in on to an elected leader. */
export interface Relay {
  readonly takeOver: TakeOver;
  readonly takeLine: TakeLine;
}

/**
 * Hands calls on to an elected leader as they come, and its answers back as they come: what many processes do with a call between two waits is cold
 * code, and this is the least of it. Calls that ask for more than the plain tool (a task, progress of a later edition, a wait) go their usual way, as all do
 * while no leader is at hand; and so does a call whose leader is lost, under the same key. Once it is known who speaks, most lines are not even read.
 */
export function createRelay(context: McpContext, leading: () => Leading | null): Relay {
  const greeting = createGreeting();
  const open = new Map<RequestId, AbortController>();
  let speaker: Told | null = null;
  const lines = createLineRelay({
    leading,
    speaker: () => (speaker?.client === greeting.client() ? speaker.said : null),
  });
  const relay = async (call: PlainRequest, taken: TakenMessage): Promise<void> => {
    const over = new AbortController();
    open.set(call.id, over);
    const client = greeting.client();
    const outcome = await handOn(context, leading(), { ...call, client, signal: over.signal });
    open.delete(call.id);
    if (outcome.project !== null && speaker?.client !== client) {
      speaker = { client, said: speakerOf(context, outcome.project, client) };
    }
    if (over.signal.aborted) {
      return;
    }
    if (outcome.text === null) {
      taken.serve(outcome.message);
    } else {
      taken.answer(call.id, outcome.text);
    }
  };
  return {
    takeLine: lines.takeLine,
    takeOver: (message, taken) => {
      greeting.hear(message);
      const canceled = canceledId(message);
      if (canceled !== null) {
        open.get(canceled)?.abort();
        lines.cancel(canceled);
      }
      const call = greeting.isOver() ? plainRequestIn(message) : null;
      if (call === null || open.has(call.id) || !isAtHand(leading())) {
        return false;
      }
      void relay(call, taken);
      return true;
    },
  };
}

/** Who speaks, and which client that is told for. */
interface Told {
  readonly client: string | null;
  readonly said: LooseObject;
}

function isAtHand(leading: Leading | null): boolean {
  return leading !== null && !leading.candidate.isLeading() && leading.leader.isNear();
}

/** How a client of an edition with a greeting introduced itself. */
interface Greeting {
  hear(message: JSONRPCMessage): void;
  /** True once both sides have greeted; for good, since later editions have no greeting. */
  isOver(): boolean;
  client(): string | null;
}

function createGreeting(): Greeting {
  let client: string | null = null;
  let isOver = false;
  return {
    hear: (message) => {
      const method = fieldAt(message, "method");
      if (method === "initialize") {
        const name = fieldAt(fieldAt(fieldAt(message, "params"), "clientInfo"), "name");
        client = clientNameIn(name);
      }
      isOver ||= method === "notifications/initialized";
    },
    isOver: () => isOver,
    client: () => client,
  };
}

interface Handing extends PlainRequest {
  readonly client: string | null;
  readonly signal: AbortSignal;
}

/** What came of it: the result as JSON, or the request that is to be served here, under the key that the leader was told. */
interface Handed {
  readonly text: string | null;
  readonly message: JSONRPCMessage;
  /** Null where it could not be opened. */
  readonly project: OpenProject | null;
}

async function handOn(
  context: McpContext,
  leading: Leading | null,
  request: Handing,
): Promise<Handed> {
  const { message } = request;
  let project: OpenProject;
  let call: LeaderCall;
  try {
    project = await context.open();
    call = leaderCallOf(context, { ...request, project });
  } catch {
    // It is told where the call goes its usual way.
    return { text: null, message, project: null };
  }
  // Whatever goes wrong on the way: the agent waits for an answer.
  const text = (await leading?.leader.askNear(call).catch(() => null)) ?? null;
  return { text, message: withArguments(message, call.body), project };
}

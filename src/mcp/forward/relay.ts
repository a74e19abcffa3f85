import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";
import { catalog } from "../catalog.ts";
import { clientNameIn } from "../client-name.ts";
import type { McpContext } from "../context.ts";
import { fieldAt, isRecord } from "../record.ts";
import type { UnknownRecord } from "../record.ts";
import { canceledId } from "../stdio/open-requests.ts";
import type { TakeOver, TakenMessage } from "../stdio/transport.ts";
import type { AnyTool } from "../tool.ts";
import { forwarded } from "./forwarded.ts";
import { leaderCallOf } from "./leader-call.ts";
import type { Leading } from "./local-acts.ts";
import type { LeaderCall } from "./way.ts";

/**
 * Hands calls on to an elected leader as they come, and its answers back as they come: what many processes do with a call between two waits is cold
 * code, and this is the least of it. Calls that ask for more than the plain tool (a task, progress of a later edition, a wait) go their usual way, as all do
 * while no leader is at hand; and so does a call whose leader is lost, under the same key.
 */
export function createRelay(context: McpContext, leading: () => Leading | null): TakeOver {
  const greeting = createGreeting();
  const open = new Map<RequestId, AbortController>();
  const relay = async (call: PlainRequest, taken: TakenMessage): Promise<void> => {
    const over = new AbortController();
    open.set(call.id, over);
    const outcome = await handOn(context, leading(), {
      ...call,
      client: greeting.client(),
      signal: over.signal,
    });
    open.delete(call.id);
    if (over.signal.aborted) {
      return;
    }
    if (outcome.text === null) {
      taken.serve(outcome.message);
    } else {
      taken.answer(call.id, outcome.text);
    }
  };
  return (message, taken) => {
    greeting.hear(message);
    const canceled = canceledId(message);
    if (canceled !== null) {
      open.get(canceled)?.abort();
    }
    const call = greeting.isOver() ? plainRequestIn(message) : null;
    if (call === null || open.has(call.id) || !isAtHand(leading())) {
      return false;
    }
    void relay(call, taken);
    return true;
  };
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

/** A call of a tool that changes the ledger, and asks for nothing else. */
interface PlainRequest {
  readonly id: RequestId;
  readonly message: JSONRPCMessage;
  readonly tool: AnyTool;
  readonly input: UnknownRecord;
  readonly meta: unknown;
}

const plainParams: ReadonlySet<string> = new Set(["name", "arguments", "_meta"]);

/** What the protocol itself says in `_meta`, in editions in which each request tells its own. */
const ofProtocol = "io.modelcontextprotocol/";

function plainRequestIn(message: JSONRPCMessage): PlainRequest | null {
  const id = idIn(message, "id");
  const params = fieldAt(message, "params");
  if (fieldAt(message, "method") !== "tools/call" || id === null || !isRecord(params)) {
    return null;
  }
  const tool = toolOf(params["name"]);
  const { arguments: input = {}, _meta: meta } = params;
  const isOurs = tool !== undefined && isRecord(input) && isPlain(params, meta);
  return isOurs && fieldAt(input, "wait_seconds") === undefined
    ? { id, message, tool, input, meta }
    : null;
}

function toolOf(name: unknown): AnyTool | undefined {
  return typeof name === "string" && forwarded.has(name) ? catalog.get(name) : undefined;
}

function idIn(from: unknown, key: string): RequestId | null {
  const id = fieldAt(from, key);
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function isPlain(params: UnknownRecord, meta: unknown): boolean {
  return (
    Object.keys(params).every((key) => plainParams.has(key)) &&
    !Object.keys(Object(meta)).some((key) => key.startsWith(ofProtocol))
  );
}

interface Handing extends PlainRequest {
  readonly client: string | null;
  readonly signal: AbortSignal;
}

/** What came of it: the result as JSON, or the request that is to be served here, under the key that the leader was told. */
type Handed = { readonly text: string } | { readonly text: null; readonly message: JSONRPCMessage };

async function handOn(
  context: McpContext,
  leading: Leading | null,
  request: Handing,
): Promise<Handed> {
  const { message } = request;
  let call: LeaderCall;
  try {
    const project = await context.open();
    call = leaderCallOf(context, { ...request, project });
  } catch {
    // It is told where the call goes its usual way.
    return { text: null, message };
  }
  // Whatever goes wrong on the way: the agent waits for an answer.
  const text = (await leading?.leader.askNear(call).catch(() => null)) ?? null;
  return text === null ? { text, message: withArguments(message, call.body) } : { text };
}

function withArguments(message: JSONRPCMessage, body: UnknownRecord): JSONRPCMessage {
  return "method" in message
    ? { ...message, params: { ...message.params, arguments: body } }
    : message;
}

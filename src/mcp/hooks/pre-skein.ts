import { ownText } from "../../core/base/loose-object.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { isAgent } from "./context.ts";
import type { HookContext } from "./context.ts";
import type { HookCall, Host } from "./payload.ts";

/** Hosts that tell an MCP server nothing of who calls. */
const silentHosts: ReadonlySet<Host> = new Set(["gemini", "opencode"]);

/**
 * Answers before one of Skein's own tools runs. A subagent's call carries its parent's id, and some hosts give none at all; the hook knows
 * better and names the session in the arguments, so that an agent's own leases never stand in its way and two subagents are two holders.
 */
export async function preSkein(context: HookContext, call: HookCall): Promise<HookAnswer> {
  if (isTold(call) || !isAgent(context.caller)) {
    return silent;
  }
  const { handle } = await context.skein.dispatch.identify({
    ...context.caller,
    needsHandle: true,
  });
  return { kind: "input", input: { ...call.input, session: handle } };
}

/** True when the call itself says whose it is. */
export function isTold({ agent, host, input }: HookCall): boolean {
  const isNamed = agent === null && !silentHosts.has(host);
  return isNamed || ownText(input, "session") !== null;
}

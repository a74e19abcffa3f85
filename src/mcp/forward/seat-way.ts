import type { CallToolResult } from "@modelcontextprotocol/server";
import { openChannel } from "../../adapters/leading/channel.ts";
import type { Seat } from "../../adapters/leading/seat.ts";
import { ownObject, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import { reply } from "../reply.ts";
import type { LeaderCall, Way, WayText } from "./way.ts";

/** The way to the process that was elected among those of this store, over its socket. Rejects where nobody listens there. */
export async function wayToSeat(seat: Seat): Promise<Way> {
  const channel = await openChannel(seat);
  const askText = async ({ caller, ...call }: LeaderCall): Promise<WayText> =>
    channel.ask({ ...call, caller: { ...caller } });
  return {
    process: seat,
    isOpen: () => channel.isOpen(),
    ask: async (call) => {
      const answer = await askText(call);
      return answer.kind === "lost" ? answer : { kind: "answered", result: resultIn(answer.text) };
    },
    askText,
    hand: channel.hand,
    close: () => {
      channel.close();
    },
  };
}

/** A result as `reply` and `refusal` make it. */
function resultIn(text: string): CallToolResult {
  const result = parseLooseObject(text) ?? {};
  const plain = reply(ownObject(result, "structuredContent"));
  return ownValue(result, "isError") === true ? { ...plain, isError: true } : plain;
}
